// SPDX-License-Identifier: Apache-2.0
#include "load/endpoint.hpp"

#include "load/failure.hpp"

#include <array>
#include <memory>
#include <string>

#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/resource.h>

namespace load {
namespace {

constexpr int kReceiveBufferBytes = 16 << 20;
constexpr rlim_t kSpareDescriptors = 64;

int family_of(const base::IpAddress& ip) {
  return ip.is_ipv4() ? AF_INET : AF_INET6;
}

template <typename T>
bool set_option(int fd, int level, int name, const T& value) {
  return ::setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

Descriptor open_socket(const base::IpAddress& ip, int type) {
  Descriptor socket(::socket(family_of(ip), type | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) {
    throw system_failure("Cannot open a socket");
  }
  return socket;
}

}  // namespace

Descriptor open_udp(const base::TransportAddress& local, Gro gro) {
  Descriptor socket = open_socket(local.ip, SOCK_DGRAM | SOCK_NONBLOCK);
  // FORCE passes the system's limit and wants CAP_NET_ADMIN; without it we get as much as that
  // limit allows.
  if (!set_option(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBufferBytes)) {
    set_option(socket.get(), SOL_SOCKET, SO_RCVBUF, kReceiveBufferBytes);
  }
  if (gro == Gro::On) {
    set_option(socket.get(), IPPROTO_UDP, UDP_GRO, 1);
  }
  const SocketAddress address(local);
  if (::bind(socket.get(), address.get(), address.size) != 0) {
    throw system_failure("Cannot bind a UDP socket to " + local.to_string());
  }
  return socket;
}

Descriptor connect_tcp(const base::TransportAddress& server, std::int64_t timeout) {
  Descriptor socket = open_socket(server.ip, SOCK_STREAM);
  set_option(socket.get(),
             SOL_SOCKET,
             SO_SNDTIMEO,
             timeval{timeout / 1'000'000'000, timeout % 1'000'000'000 / 1000});
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  const SocketAddress address(server);
  if (::connect(socket.get(), address.get(), address.size) != 0) {
    throw system_failure("Cannot connect to " + server.to_string() + " over TCP");
  }
  if (::fcntl(socket.get(), F_SETFL, O_NONBLOCK) != 0) {
    throw system_failure("Cannot make a connection non-blocking");
  }
  return socket;
}

void connect_udp(int fd, const base::TransportAddress& server) {
  const SocketAddress address(server);
  if (::connect(fd, address.get(), address.size) != 0) {
    throw system_failure("Cannot reach " + server.to_string());
  }
}

void tell_destination(int fd) {
  if (!set_option(fd, IPPROTO_IP, IP_PKTINFO, 1)) {
    throw system_failure("Cannot ask for the destination of datagrams");
  }
}

base::TransportAddress local_address(int fd) {
  SocketAddress address;
  address.size = sizeof(address.storage);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) {
    throw system_failure("Cannot tell the address of a socket");
  }
  return base::TransportAddress::from_sockaddr(address.get()).value_or(base::TransportAddress{});
}

std::uint64_t drops_of(int fd) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof(info);
  const bool known = ::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info.data(), &size) == 0;
  return known ? info[SK_MEMINFO_DROPS] : 0;
}

void allow_descriptors(std::size_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t wanted = count + kSpareDescriptors;
  if (limit.rlim_cur >= wanted) {
    return;
  }
  limit.rlim_cur = wanted;
  limit.rlim_max = std::max(limit.rlim_max, wanted);
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    throw Failure(
        "This needs " + std::to_string(wanted) +
        " open files, more than the limit allows; raise it (ulimit -n), or ask for fewer clients");
  }
}

base::TransportAddress resolve(const std::string& text, std::uint16_t default_port) {
  if (const auto address = base::TransportAddress::parse(text)) {
    return *address;
  }
  if (const auto ip = base::IpAddress::parse(text)) {
    return {*ip, default_port};
  }
  std::string host = text;
  std::string port = std::to_string(default_port);
  if (const std::size_t colon = text.rfind(':'); colon != std::string::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  if (error != 0) {
    throw Failure("Cannot find an address for '" + text + "': " + ::gai_strerror(error));
  }
  const auto address = base::TransportAddress::from_sockaddr(found->ai_addr);
  if (!address) {
    throw Failure("'" + text + "' has neither an IPv4 nor an IPv6 address");
  }
  return *address;
}

}  // namespace load
