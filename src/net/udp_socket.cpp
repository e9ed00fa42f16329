// SPDX-License-Identifier: Apache-2.0
#include "net/udp_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace net {
namespace {

constexpr int kListenerBufferSize = 4 * 1024 * 1024;
constexpr int kRelayBufferSize = 512 * 1024;
constexpr int kBacklog = 1024;

std::error_code last_error() {
  return {errno, std::generic_category()};
}

bool set(const Syscalls& syscalls, const Fd& fd, int level, int name, int value) {
  return syscalls.setsockopt(fd.get(), level, name, &value, sizeof value) == 0;
}

bool set_family_options(
    const Syscalls& syscalls, const Fd& fd, bool ipv4, bool needs_pktinfo, UdpRole role) {
  bool ok = true;
  if (ipv4) {
    // Datagrams leave without DF, fragmented where a link is small: RFC 8656 §14, alternate
    // behaviour. OMIT also ignores what a forged "fragmentation needed" claims.
    ok = ok && set(syscalls, fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
    ok = ok && (!needs_pktinfo || set(syscalls, fd, IPPROTO_IP, IP_PKTINFO, 1));
    ok = ok && (role != UdpRole::Relay || set(syscalls, fd, IPPROTO_IP, IP_RECVERR, 1));
  } else {
    ok = ok && set(syscalls, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    ok = ok && set(syscalls, fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
    ok = ok && (!needs_pktinfo || set(syscalls, fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
    ok = ok && (role != UdpRole::Relay || set(syscalls, fd, IPPROTO_IPV6, IPV6_RECVERR, 1));
  }
  return ok;
}

base::Result<Fd, std::error_code> bind_to(Fd fd,
                                          const base::TransportAddress& local,
                                          const Syscalls& syscalls) {
  sockaddr_storage storage{};
  const socklen_t length = local.to_sockaddr(storage);
  if (syscalls.bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0) {
    return base::failure(last_error());
  }
  return fd;
}

std::optional<SocketError> read_extended_error(msghdr& header, const sockaddr* destination) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    const bool ipv4 = control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_RECVERR;
    const bool ipv6 = control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_RECVERR;
    if (!ipv4 && !ipv6) {
      continue;
    }
    sock_extended_err extended{};
    std::memcpy(&extended, CMSG_DATA(control), sizeof extended);
    SocketError error;
    error.is_icmp =
        extended.ee_origin == SO_EE_ORIGIN_ICMP || extended.ee_origin == SO_EE_ORIGIN_ICMP6;
    error.type = extended.ee_type;
    error.code = extended.ee_code;
    error.info = extended.ee_info;
    if (const auto address = base::TransportAddress::from_sockaddr(destination)) {
      error.destination = *address;
    }
    return error;
  }
  return SocketError{};
}

}  // namespace

const Syscalls& real_syscalls() {
  static constexpr Syscalls kReal{::socket,
                                  ::bind,
                                  ::listen,
                                  ::setsockopt,
                                  ::recvmmsg,
                                  ::sendmmsg,
                                  ::sendmsg,
                                  ::recvmsg,
                                  ::sendto};
  return kReal;
}

base::Result<Fd, std::error_code> open_udp(const base::TransportAddress& local,
                                           UdpRole role,
                                           const Syscalls& syscalls) {
  const bool ipv4 = local.ip.is_ipv4();
  Fd fd(syscalls.socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) {
    return base::failure(last_error());
  }
  const bool is_listener = role == UdpRole::Listener;
  if ((is_listener && !set(syscalls, fd, SOL_SOCKET, SO_REUSEPORT, 1)) ||
      !set_family_options(syscalls, fd, ipv4, is_listener && local.ip.is_unspecified(), role)) {
    return base::failure(last_error());
  }
  // Without these the relay is slower, not wrong: an old kernel may refuse them.
  static_cast<void>(set(
      syscalls, fd, SOL_SOCKET, SO_RCVBUF, is_listener ? kListenerBufferSize : kRelayBufferSize));
  if (is_listener) {
    static_cast<void>(set(syscalls, fd, SOL_SOCKET, SO_SNDBUF, kListenerBufferSize));
  }
  static_cast<void>(set(syscalls, fd, SOL_UDP, UDP_GRO, 1));
  return bind_to(std::move(fd), local, syscalls);
}

base::Result<Fd, std::error_code> open_tcp_listener(const base::TransportAddress& local,
                                                    const Syscalls& syscalls) {
  const bool ipv4 = local.ip.is_ipv4();
  Fd fd(syscalls.socket(ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) {
    return base::failure(last_error());
  }
  if (!set(syscalls, fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
      !set(syscalls, fd, SOL_SOCKET, SO_REUSEPORT, 1) ||
      (!ipv4 && !set(syscalls, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))) {
    return base::failure(last_error());
  }
  auto bound = bind_to(std::move(fd), local, syscalls);
  if (bound && syscalls.listen(bound->get(), kBacklog) != 0) {
    return base::failure(last_error());
  }
  return bound;
}

std::error_code find_other_owner(const base::TransportAddress& local,
                                 base::Transport transport,
                                 const Syscalls& syscalls) {
  const bool ipv4 = local.ip.is_ipv4();
  const int type = transport == base::Transport::Udp ? SOCK_DGRAM : SOCK_STREAM;
  Fd fd(syscalls.socket(ipv4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0));
  // SO_REUSEADDR lets old connections linger, and would let a UDP socket in anywhere.
  if (!fd.is_open() || (!ipv4 && !set(syscalls, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) ||
      (type == SOCK_STREAM && !set(syscalls, fd, SOL_SOCKET, SO_REUSEADDR, 1))) {
    return last_error();
  }
  const auto bound = bind_to(std::move(fd), local, syscalls);
  return bound ? std::error_code() : bound.error();
}

base::TransportAddress local_address(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    return {};
  }
  return base::TransportAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage))
      .value_or(base::TransportAddress{});
}

void set_dont_fragment(int fd, base::Family family, bool dont_fragment) {
  const bool ipv4 = family == base::Family::IPv4;
  static_assert(IP_PMTUDISC_PROBE == IPV6_PMTUDISC_PROBE && IP_PMTUDISC_OMIT == IPV6_PMTUDISC_OMIT);
  const int value = dont_fragment ? IP_PMTUDISC_PROBE : IP_PMTUDISC_OMIT;
  static_cast<void>(::setsockopt(fd,
                                 ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
                                 ipv4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER,
                                 &value,
                                 sizeof value));
}

std::optional<SocketError> take_socket_error(int fd) {
  std::array<std::byte, 512> payload{};
  alignas(cmsghdr) std::array<std::byte, 512> control{};
  sockaddr_storage destination{};
  iovec iov{payload.data(), payload.size()};
  msghdr header{};
  header.msg_name = &destination;
  header.msg_namelen = sizeof destination;
  header.msg_iov = &iov;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  if (::recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
    int pending = 0;
    socklen_t length = sizeof pending;
    static_cast<void>(::getsockopt(fd, SOL_SOCKET, SO_ERROR, &pending, &length));
    return std::nullopt;
  }
  return read_extended_error(header, reinterpret_cast<const sockaddr*>(&destination));
}

}  // namespace net
