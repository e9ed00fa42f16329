// SPDX-License-Identifier: Apache-2.0
#include "net/tx_batch.hpp"

#include "base/check.hpp"

#include <cerrno>
#include <cstring>

#include <netinet/udp.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

namespace net {
namespace {

/// Appends a control message to a header whose msg_control has room for it.
template <typename T>
void add_control(msghdr& header, std::size_t room, int level, int type, const T& value) {
  CHECK(header.msg_controllen + CMSG_SPACE(sizeof value) <= room);
  auto* const control = reinterpret_cast<cmsghdr*>(static_cast<std::byte*>(header.msg_control) +
                                                   header.msg_controllen);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(control), &value, sizeof value);
  header.msg_controllen += CMSG_SPACE(sizeof value);
}

void add_source(msghdr& header, std::size_t room, const base::IpAddress& source) {
  if (source.is_ipv4()) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, source.bytes().data(), 4);
    add_control(header, room, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, source.bytes().data(), 16);
    add_control(header, room, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

}  // namespace

Destination::Destination(const base::TransportAddress& to, std::optional<base::IpAddress> from)
    : source(from) {
  sockaddr_storage storage{};
  length = to.to_sockaddr(storage);
  std::memcpy(&address, &storage, sizeof address);
}

bool Destination::is_same(const Destination& other) const {
  return length == other.length && std::memcmp(&address, &other.address, length) == 0 &&
         source == other.source;
}

TxBatch::TxBatch(const Syscalls& syscalls) : syscalls_(syscalls) {
  for (unsigned i = 0; i < kGroups; ++i) {
    headers_[i].msg_hdr.msg_control = controls_[i].bytes.data();
  }
}

bool TxBatch::has_room() const {
  return group_count_ < kGroups && iov_count_ + 2 <= kIovs;
}

bool TxBatch::extends(const Group& group, int fd, const Destination& to, std::size_t size) const {
  return group.fd == fd && group.last_size == group.segment_size && size <= group.segment_size &&
         size != 0 && group.segments < kSegmentsMax && group.bytes + size <= kTrainBytesMax &&
         group.to.is_same(to);
}

void TxBatch::add(int fd, const Destination& to, base::Bytes head, base::Bytes body) {
  CHECK(has_room());
  const std::size_t size = head.size() + body.size();
  if (group_count_ == 0 || !extends(groups_[group_count_ - 1], fd, to, size)) {
    Group& fresh = groups_[group_count_++];
    fresh.fd = fd;
    fresh.to = to;
    fresh.first_iov = iov_count_;
    fresh.iov_count = 0;
    fresh.segments = 0;
    fresh.segment_size = size;
    fresh.bytes = 0;
  }
  Group& group = groups_[group_count_ - 1];
  ++group.segments;
  group.last_size = size;
  group.bytes += size;
  const auto append = [&](const std::byte* data, std::size_t count) {
    iovs_[iov_count_++] = {const_cast<std::byte*>(data), count};
    ++group.iov_count;
  };
  if (!head.empty() && head.data() + head.size() == body.data()) {
    append(head.data(), size);
    return;
  }
  if (!head.empty()) {
    append(head.data(), head.size());
  }
  if (!body.empty()) {
    append(body.data(), body.size());
  }
}

void TxBatch::prepare_header(unsigned index) {
  Group& group = groups_[index];
  msghdr& header = headers_[index].msg_hdr;
  header.msg_name = &group.to.address;
  header.msg_namelen = group.to.length;
  header.msg_iov = &iovs_[group.first_iov];
  header.msg_iovlen = group.iov_count;
  header.msg_control = controls_[index].bytes.data();
  header.msg_controllen = 0;
  if (group.segments > 1) {
    add_control(header,
                sizeof(Control),
                SOL_UDP,
                UDP_SEGMENT,
                static_cast<std::uint16_t>(group.segment_size));
  }
  if (group.to.source) {
    add_source(header, sizeof(Control), *group.to.source);
  }
  if (header.msg_controllen == 0) {
    header.msg_control = nullptr;
  }
}

TxBatch::Losses TxBatch::flush() {
  Losses losses;
  unsigned first = 0;
  while (first < group_count_) {
    unsigned end = first;
    while (end < group_count_ && groups_[end].fd == groups_[first].fd) {
      prepare_header(end);
      ++end;
    }
    first = send_run(first, end, losses);
  }
  group_count_ = 0;
  iov_count_ = 0;
  return losses;
}

unsigned TxBatch::send_run(unsigned first, unsigned end, Losses& losses) {
  const int fd = groups_[first].fd;
  while (first < end) {
    if (end - first == 1) {
      send_group(first, losses);
      return end;
    }
    const int sent = syscalls_.sendmmsg(fd, &headers_[first], end - first, MSG_DONTWAIT);
    if (sent > 0) {
      first += static_cast<unsigned>(sent);
      continue;
    }
    // The first one failed: try it alone, so that an error about another datagram does not cost it.
    send_group(first, losses);
    ++first;
  }
  return end;
}

bool TxBatch::try_send(int fd, const msghdr& header) {
  // The kernel has the least to copy in for a plain datagram.
  if (header.msg_iovlen == 1 && header.msg_control == nullptr) {
    return syscalls_.sendto(fd,
                            header.msg_iov->iov_base,
                            header.msg_iov->iov_len,
                            MSG_DONTWAIT,
                            static_cast<const sockaddr*>(header.msg_name),
                            header.msg_namelen) >= 0;
  }
  return syscalls_.sendmsg(fd, &header, MSG_DONTWAIT) >= 0;
}

void TxBatch::send_group(unsigned index, Losses& losses) {
  const Group& group = groups_[index];
  if (send_message(group.fd, headers_[index].msg_hdr)) {
    return;
  }
  // A full buffer has no room for the parts either: what is overloaded is not asked sixty times
  // more.
  if (group.segments == 1 || errno == EAGAIN || errno == ENOBUFS) {
    losses.datagrams += group.segments;
  } else {
    send_one_by_one(group, losses);
  }
}

bool TxBatch::send_message(int fd, const msghdr& header) {
  if (try_send(fd, header)) {
    return true;
  }
  // An ICMP error about an earlier datagram is reported by the next call and cleared by that: once
  // more.
  const int error = errno;
  const bool may_be_pending = error == ECONNREFUSED || error == EHOSTUNREACH ||
                              error == ENETUNREACH || error == EPROTO || error == EMSGSIZE ||
                              error == EACCES || error == EOPNOTSUPP || error == EHOSTDOWN ||
                              error == ENOPROTOOPT;
  return may_be_pending && try_send(fd, header);
}

void TxBatch::send_one_by_one(const Group& group, Losses& losses) {
  // A link with an MTU below the segment size refuses the train; its datagrams may still go, in
  // fragments.
  msghdr header{};
  header.msg_name = const_cast<sockaddr_in6*>(&group.to.address);
  header.msg_namelen = group.to.length;
  Control control{};
  unsigned iov = group.first_iov;
  for (unsigned segment = 0; segment < group.segments; ++segment) {
    const std::size_t size = segment + 1 == group.segments ? group.last_size : group.segment_size;
    header.msg_iov = &iovs_[iov];
    header.msg_iovlen = 0;
    for (std::size_t taken = 0; taken < size; ++iov) {
      taken += iovs_[iov].iov_len;
      ++header.msg_iovlen;
    }
    header.msg_control = control.bytes.data();
    header.msg_controllen = 0;
    if (group.to.source) {
      add_source(header, sizeof(Control), *group.to.source);
    } else {
      header.msg_control = nullptr;
    }
    losses.datagrams += send_message(group.fd, header) ? 0U : 1U;
  }
}

}  // namespace net
