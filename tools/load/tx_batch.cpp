// SPDX-License-Identifier: Apache-2.0
#include "load/tx_batch.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <netinet/udp.h>

namespace load {
namespace {

/// Appends one control message to a buffer that is zero behind `used`.
template <typename T>
std::size_t put_control(std::byte* buffer, std::size_t used, int level, int type, const T& value) {
  cmsghdr header{};
  header.cmsg_level = level;
  header.cmsg_type = type;
  header.cmsg_len = CMSG_LEN(sizeof(value));
  std::memcpy(buffer + used, &header, sizeof(header));
  std::memcpy(buffer + used + CMSG_LEN(0), &value, sizeof(value));
  return used + CMSG_SPACE(sizeof(value));
}

}  // namespace

TxBatch::TxBatch() : bytes_(kSlots * kSlotBytes) {
  for (std::size_t i = 0; i < kSlots; ++i) {
    slots_[i].vector.iov_base = bytes_.data() + i * kSlotBytes;
    messages_[i].msg_hdr.msg_iov = &slots_[i].vector;
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
}

base::MutableBytes TxBatch::add(const Target& target, std::size_t size, std::size_t count) {
  CHECK(size * count <= kTrainBytesMax && count >= 1);
  if (used_ == kSlots) {
    flush();
  }
  Slot& slot = slots_[used_];
  msghdr& header = messages_[used_].msg_hdr;
  ++used_;
  header.msg_name = target.to == nullptr ? nullptr : &slot.to;
  header.msg_namelen = target.to == nullptr ? 0 : target.to_size;
  if (target.to != nullptr) {
    std::memcpy(&slot.to, target.to, target.to_size);
  }
  slot.fd = target.fd;
  slot.source_ipv4 = target.source_ipv4;
  slot.size = size;
  slot.count = count;
  slot.vector.iov_len = size * count;
  return {static_cast<std::byte*>(slot.vector.iov_base), slot.vector.iov_len};
}

void TxBatch::add_copy(const Target& target, base::Bytes datagram, std::size_t train_max) {
  if (used_ > 0 && train_max > 1) {
    Slot& last = slots_[used_ - 1];
    const msghdr& header = messages_[used_ - 1].msg_hdr;
    const bool joins = last.fd == target.fd && last.size == datagram.size() &&
                       last.count < train_max &&
                       last.vector.iov_len + datagram.size() <= kTrainBytesMax &&
                       header.msg_namelen == target.to_size &&
                       std::memcmp(&last.to, target.to, target.to_size) == 0;
    if (joins) {
      std::memcpy(static_cast<std::byte*>(last.vector.iov_base) + last.vector.iov_len,
                  datagram.data(),
                  datagram.size());
      last.vector.iov_len += datagram.size();
      ++last.count;
      return;
    }
  }
  base::copy_bytes(add(target, datagram.size(), 1), datagram);
}

void TxBatch::write_control(std::size_t index) {
  Slot& slot = slots_[index];
  std::size_t used = 0;
  if (slot.count > 1) {
    used = put_control(
        slot.control.data(), used, IPPROTO_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(slot.size));
  }
  if (slot.source_ipv4 != 0) {
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(slot.source_ipv4);
    used = put_control(slot.control.data(), used, IPPROTO_IP, IP_PKTINFO, info);
  }
  msghdr& header = messages_[index].msg_hdr;
  header.msg_control = used == 0 ? nullptr : slot.control.data();
  header.msg_controllen = used;
}

void TxBatch::flush() {
  for (std::size_t begin = 0; begin < used_;) {
    std::size_t end = begin;
    for (; end < used_ && slots_[end].fd == slots_[begin].fd; ++end) {
      write_control(end);
    }
    send_run(begin, end);
    begin = end;
  }
  used_ = 0;
}

void TxBatch::send_run(std::size_t begin, std::size_t end) {
  bool tried_again = false;
  while (begin < end) {
    const int sent =
        ::sendmmsg(slots_[begin].fd, &messages_[begin], static_cast<unsigned>(end - begin), 0);
    if (sent > 0) {
      begin += static_cast<std::size_t>(sent);
      tried_again = false;
      continue;
    }
    // An ICMP error of an earlier datagram is reported once, in place of sending this one.
    if (!tried_again && (errno == ECONNREFUSED || errno == EINTR)) {
      tried_again = true;
      continue;
    }
    last_error_ = errno;
    refused_ += slots_[begin].count;
    ++begin;
    tried_again = false;
  }
}

}  // namespace load
