// SPDX-License-Identifier: Apache-2.0
#include "load/rx_batch.hpp"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <netinet/udp.h>

namespace load {

RxBatch::RxBatch() : bytes_(kSlots * kSlotBytes) {
  for (std::size_t i = 0; i < kSlots; ++i) {
    slots_[i].vector = {bytes_.data() + i * kSlotBytes, kSlotBytes};
    msghdr& header = messages_[i].msg_hdr;
    header.msg_name = &slots_[i].source;
    header.msg_iov = &slots_[i].vector;
    header.msg_iovlen = 1;
    header.msg_control = slots_[i].control.data();
  }
}

int RxBatch::receive(int fd) {
  // The kernel writes the sizes it used over the sizes there are.
  for (; used_ > 0; --used_) {
    msghdr& header = messages_[used_ - 1].msg_hdr;
    header.msg_namelen = sizeof(slots_[0].source);
    header.msg_controllen = slots_[0].control.size();
  }
  const int count =
      ::recvmmsg(fd, messages_.data(), static_cast<unsigned>(kSlots), MSG_DONTWAIT, nullptr);
  if (count >= 0) {
    used_ = static_cast<std::size_t>(count);
    return count;
  }
  return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

RxBatch::Buffer RxBatch::buffer(std::size_t index) {
  mmsghdr& message = messages_[index];
  Buffer buffer;
  buffer.data = base::Bytes(bytes_.data() + index * kSlotBytes, message.msg_len);
  buffer.segment = buffer.data.size();
  buffer.source = reinterpret_cast<const sockaddr*>(&slots_[index].source);
  for (cmsghdr* item = CMSG_FIRSTHDR(&message.msg_hdr); item != nullptr;
       item = CMSG_NXTHDR(&message.msg_hdr, item)) {
    if (item->cmsg_level == IPPROTO_UDP && item->cmsg_type == UDP_GRO) {
      int segment = 0;
      std::memcpy(&segment, CMSG_DATA(item), sizeof(segment));
      buffer.segment = static_cast<std::size_t>(segment);
    } else if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(item), sizeof(info));
      buffer.destination_ipv4 = ntohl(info.ipi_addr.s_addr);
    }
  }
  return buffer;
}

}  // namespace load
