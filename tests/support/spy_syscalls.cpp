// SPDX-License-Identifier: Apache-2.0
#include "support/spy_syscalls.hpp"

#include "base/address.hpp"
#include "base/check.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <netinet/udp.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

namespace support {
namespace {

SpySyscalls* current = nullptr;

std::size_t size_of(const msghdr& header) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < header.msg_iovlen; ++i) {
    size += header.msg_iov[i].iov_len;
  }
  return size;
}

/// The value of a control message; all zeros when there is none.
template <typename T>
std::pair<bool, T> control_of(const msghdr& header, int level, int type) {
  msghdr copy = header;
  for (cmsghdr* control = CMSG_FIRSTHDR(&copy); control != nullptr;
       control = CMSG_NXTHDR(&copy, control)) {
    if (control->cmsg_level == level && control->cmsg_type == type) {
      CHECK(control->cmsg_len == CMSG_LEN(sizeof(T)));
      T value{};
      std::memcpy(&value, CMSG_DATA(control), sizeof value);
      return {true, value};
    }
  }
  return {false, {}};
}

std::size_t segment_size_of(const msghdr& header) {
  return control_of<std::uint16_t>(header, SOL_UDP, UDP_SEGMENT).second;
}

std::string source_of(const msghdr& header) {
  const auto [is_ipv4, info4] = control_of<in_pktinfo>(header, IPPROTO_IP, IP_PKTINFO);
  const auto [is_ipv6, info6] = control_of<in6_pktinfo>(header, IPPROTO_IPV6, IPV6_PKTINFO);
  if (!is_ipv4 && !is_ipv6) {
    return "";
  }
  const auto* const raw = is_ipv4 ? reinterpret_cast<const std::byte*>(&info4.ipi_spec_dst)
                                  : reinterpret_cast<const std::byte*>(&info6.ipi6_addr);
  return " from " + base::IpAddress::from_bytes({raw, is_ipv4 ? 4U : 16U})->to_string();
}

}  // namespace

SpySyscalls::SpySyscalls(Sends sends) : sends_(sends) {
  CHECK(current == nullptr);
  current = this;
}

SpySyscalls::~SpySyscalls() {
  current = nullptr;
}

const net::Syscalls& SpySyscalls::table() {
  static constexpr net::Syscalls kTable{
      on_socket,
      on_bind,
      on_listen,
      on_setsockopt,
      on_recvmmsg,
      on_sendmmsg,
      on_sendmsg,
      on_recvmsg,
      on_sendto,
  };
  return kTable;
}

void SpySyscalls::fail_nth(unsigned nth, int error) {
  nth_ = nth;
  error_ = error;
}

bool SpySyscalls::fails() {
  if (current->nth_ == 0 || --current->nth_ != 0) {
    return false;
  }
  errno = current->error_;
  return true;
}

std::vector<std::string> SpySyscalls::take_sends() {
  return std::exchange(lines_, {});
}

int SpySyscalls::on_socket(int domain, int type, int protocol) {
  return fails() ? -1 : net::real_syscalls().socket(domain, type, protocol);
}

int SpySyscalls::on_bind(int fd, const sockaddr* address, socklen_t size) {
  return fails() ? -1 : net::real_syscalls().bind(fd, address, size);
}

int SpySyscalls::on_listen(int fd, int backlog) {
  return fails() ? -1 : net::real_syscalls().listen(fd, backlog);
}

int SpySyscalls::on_setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  return fails() ? -1 : net::real_syscalls().setsockopt(fd, level, name, value, size);
}

int SpySyscalls::on_recvmmsg(
    int fd, mmsghdr* headers, unsigned count, int flags, timespec* timeout) {
  return fails() ? -1 : net::real_syscalls().recvmmsg(fd, headers, count, flags, timeout);
}

int SpySyscalls::on_sendmmsg(int fd, mmsghdr* headers, unsigned count, int flags) {
  std::string line = "many #" + std::to_string(fd);
  for (unsigned i = 0; i < count; ++i) {
    line += (i == 0 ? " " : " | ") + current->describe(headers[i].msg_hdr);
  }
  current->lines_.push_back(line + current->state_of(fd));
  const SendResult result = current->next_result(count);
  if (fails()) {
    return -1;
  }
  if (result.sent == 0) {
    errno = result.error;
    return -1;
  }
  const bool is_real = current->sends_ == Sends::Real;
  const int sent = is_real ? net::real_syscalls().sendmmsg(fd, headers, result.sent, flags)
                           : static_cast<int>(result.sent);
  for (int i = 0; i < sent; ++i) {
    current->keep(headers[i].msg_hdr);
  }
  return sent;
}

ssize_t SpySyscalls::on_sendmsg(int fd, const msghdr* header, int flags) {
  current->lines_.push_back("one #" + std::to_string(fd) + " " + current->describe(*header) +
                            current->state_of(fd));
  const SendResult result = current->next_result(1);
  if (fails()) {
    return -1;
  }
  if (result.sent == 0) {
    errno = result.error;
    return -1;
  }
  const bool is_real = current->sends_ == Sends::Real;
  const ssize_t sent = is_real ? net::real_syscalls().sendmsg(fd, header, flags)
                               : static_cast<ssize_t>(size_of(*header));
  if (sent >= 0) {
    current->keep(*header);
  }
  return sent;
}

ssize_t SpySyscalls::on_recvmsg(int fd, msghdr* header, int flags) {
  return fails() ? -1 : net::real_syscalls().recvmsg(fd, header, flags);
}

ssize_t SpySyscalls::on_sendto(
    int fd, const void* bytes, size_t size, int flags, const sockaddr* to, socklen_t length) {
  iovec iov{const_cast<void*>(bytes), size};
  msghdr header{};
  header.msg_name = const_cast<sockaddr*>(to);
  header.msg_namelen = length;
  header.msg_iov = &iov;
  header.msg_iovlen = 1;
  return on_sendmsg(fd, &header, flags);
}

std::string SpySyscalls::state_of(int fd) const {
  int value = 0;
  socklen_t size = sizeof value;
  const bool is_set = sends_ == Sends::Real &&
                      ::getsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &value, &size) == 0 &&
                      value == IP_PMTUDISC_PROBE;
  return is_set ? " df" : "";
}

SpySyscalls::SendResult SpySyscalls::next_result(unsigned count) {
  SendResult result{0, count};
  if (!script_.empty()) {
    result = script_.front();
    script_.pop_front();
  }
  return result;
}

std::string SpySyscalls::describe(const msghdr& header) {
  parts_max_ = std::max(parts_max_, header.msg_iovlen);
  const auto to =
      base::TransportAddress::from_sockaddr(static_cast<const sockaddr*>(header.msg_name));
  const std::size_t segment_size = segment_size_of(header);
  return to->to_string() + " " + std::to_string(size_of(header)) +
         (segment_size == 0 ? "" : " by " + std::to_string(segment_size)) + source_of(header);
}

void SpySyscalls::keep(const msghdr& header) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < header.msg_iovlen; ++i) {
    const auto* const part = static_cast<const std::byte*>(header.msg_iov[i].iov_base);
    bytes.insert(bytes.end(), part, part + header.msg_iov[i].iov_len);
  }
  const std::size_t segment_size = segment_size_of(header);
  const std::size_t step =
      segment_size == 0 ? std::max<std::size_t>(bytes.size(), 1) : segment_size;
  std::size_t offset = 0;
  do {
    const std::size_t size = std::min(step, bytes.size() - offset);
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
    datagrams_.emplace_back(first, first + static_cast<std::ptrdiff_t>(size));
    offset += step;
  } while (offset < bytes.size());
}

}  // namespace support
