// SPDX-License-Identifier: Apache-2.0
#include "net/udp_socket.hpp"

#include "support/loopback.hpp"
#include "support/spy_syscalls.hpp"
#include "support/test.hpp"

#include <cerrno>
#include <optional>
#include <set>

#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

using net::open_tcp_listener;
using net::open_udp;
using net::UdpRole;
using support::at;
using support::UdpEnd;

namespace {

using Opened = base::Result<net::Fd, std::error_code>;

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  CHECK_EQUAL(0, ::getsockopt(fd, level, name, &value, &size));
  return value;
}

net::Fd open(std::string_view local, UdpRole role = UdpRole::Relay) {
  Opened fd = open_udp(at(local), role, net::real_syscalls());
  CHECK_TRUE(fd.has_value());
  return std::move(*fd);
}

void send(const net::Fd& from, const base::TransportAddress& to, std::size_t size = 1) {
  const std::vector<std::byte> bytes(size);
  sockaddr_storage storage{};
  const socklen_t length = to.to_sockaddr(storage);
  static_cast<void>(::sendto(
      from.get(), bytes.data(), size, 0, reinterpret_cast<const sockaddr*>(&storage), length));
}

bool has_error(const net::Fd& fd) {
  pollfd events{fd.get(), 0, 0};
  return ::poll(&events, 1, 0) == 1 && (events.revents & POLLERR) != 0;
}

/// Opens with the 1st, 2nd, … call failing until none fails. Returns which calls may fail without
/// harm; the others must fail with the error that came, and nothing may stay open.
std::set<unsigned> harmless_failures(support::SpySyscalls& spy,
                                     const std::function<Opened()>& open_one) {
  std::set<unsigned> harmless;
  const std::size_t before = support::open_descriptors();
  for (unsigned nth = 1;; ++nth) {
    spy.fail_nth(nth, ENOBUFS);
    {
      const Opened opened = open_one();
      if (!spy.has_failed()) {
        CHECK_TRUE(opened.has_value());
        CHECK_EQUAL(before + 1, support::open_descriptors());
        return harmless;
      }
      if (opened) {
        harmless.insert(nth);
      } else {
        CHECK_EQUAL(ENOBUFS, opened.error().value());
        CHECK_EQUAL(before, support::open_descriptors());
      }
    }
    CHECK_EQUAL(before, support::open_descriptors());
  }
}

}  // namespace

TEST_GROUP(UdpSocket) {
  support::SpySyscalls spy;

  std::function<Opened()> opens(std::string_view local, UdpRole role) {
    return [this, local, role] { return open_udp(at(local), role, spy.table()); };
  }

  std::function<Opened()> listens(std::string_view local) {
    return [this, local] { return open_tcp_listener(at(local), spy.table()); };
  }
};

TEST(UdpSocket, EachFailingCallOfAListenerComesBack) {
  // socket, REUSEPORT, MTU_DISCOVER, PKTINFO; then the buffers and UDP_GRO, which only make faster.
  const std::set<unsigned> expected{5, 6, 7};
  CHECK_EQUAL(expected, harmless_failures(spy, opens("0.0.0.0:0", UdpRole::Listener)));
  const std::set<unsigned> expected6{6, 7, 8};
  CHECK_EQUAL(expected6, harmless_failures(spy, opens("[::]:0", UdpRole::Listener)));
}

TEST(UdpSocket, EachFailingCallOfARelaySocketComesBack) {
  const std::set<unsigned> expected{4, 5};
  CHECK_EQUAL(expected, harmless_failures(spy, opens("127.91.0.1:0", UdpRole::Relay)));
  const std::set<unsigned> expected6{5, 6};
  CHECK_EQUAL(expected6, harmless_failures(spy, opens("[::1]:0", UdpRole::Relay)));
}

TEST(UdpSocket, EachFailingCallOfATcpListenerComesBack) {
  CHECK_EQUAL(std::set<unsigned>{}, harmless_failures(spy, listens("127.91.0.1:0")));
  CHECK_EQUAL(std::set<unsigned>{}, harmless_failures(spy, listens("[::1]:0")));
}

TEST(UdpSocket, AddressInUseIsSaid) {
  const UdpEnd holder;
  for (const UdpRole role : {UdpRole::Listener, UdpRole::Relay}) {
    const Opened opened = open_udp(holder.address(), role, net::real_syscalls());
    CHECK_FALSE(opened.has_value());
    CHECK_TRUE(opened.error() == std::errc::address_in_use);
  }
}

TEST(UdpSocket, RelaySocketsShareNothing) {
  const net::Fd first = open("127.91.0.1:0");
  const Opened second =
      open_udp(net::local_address(first.get()), UdpRole::Relay, net::real_syscalls());
  CHECK_TRUE(second.error() == std::errc::address_in_use);
}

TEST(UdpSocket, AddressOfAnotherHostIsRefused) {
  CHECK_TRUE(open_udp(at("192.0.2.1:0"), UdpRole::Relay, net::real_syscalls()).error() ==
             std::errc::address_not_available);
  CHECK_TRUE(open_tcp_listener(at("192.0.2.1:0"), net::real_syscalls()).error() ==
             std::errc::address_not_available);
}

TEST(UdpSocket, ListenersShareAPortAndEachClientStaysWithOne) {
  const net::Fd first = open("127.91.0.1:0", UdpRole::Listener);
  const base::TransportAddress here = net::local_address(first.get());
  const Opened second = open_udp(here, UdpRole::Listener, net::real_syscalls());
  CHECK_TRUE(second.has_value());
  const UdpEnd client;
  constexpr int kCount = 16;
  for (int i = 0; i < kCount; ++i) {
    client.send(here, "x");
  }
  const auto count_of = [](const net::Fd& fd) {
    int count = 0;
    std::array<char, 8> buffer{};
    // With UDP_GRO a call may bring several.
    for (ssize_t size = 0; size >= 0; count += size > 0 ? static_cast<int>(size) : 0) {
      size = ::recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    }
    return count;
  };
  int of_first = 0;
  int of_second = 0;
  CHECK_TRUE(support::wait_until([&] {
    of_first += count_of(first);
    of_second += count_of(*second);
    return of_first + of_second == kCount;
  }));
  CHECK_TRUE(of_first == 0 || of_second == 0);
}

TEST(UdpSocket, TcpListenersShareAPort) {
  const Opened first = open_tcp_listener(at("127.91.0.1:0"), net::real_syscalls());
  const base::TransportAddress here = net::local_address(first->get());
  const Opened second = open_tcp_listener(here, net::real_syscalls());
  CHECK_TRUE(second.has_value());
  const support::TcpEnd client(here);
  CHECK_TRUE(support::wait_until([&] {
    const net::Fd of_first(::accept(first->get(), nullptr, nullptr));
    const net::Fd of_second(::accept(second->get(), nullptr, nullptr));
    return of_first.is_open() || of_second.is_open();
  }));
}

TEST(UdpSocket, TcpPortInUseIsSaid) {
  const net::Fd holder(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_storage storage{};
  const socklen_t length = at("127.91.0.1:0").to_sockaddr(storage);
  CHECK_EQUAL(0, ::bind(holder.get(), reinterpret_cast<const sockaddr*>(&storage), length));
  CHECK_EQUAL(0, ::listen(holder.get(), 1));
  const Opened second = open_tcp_listener(net::local_address(holder.get()), net::real_syscalls());
  CHECK_TRUE(second.error() == std::errc::address_in_use);
}

TEST(UdpSocket, Ipv6LeavesThePortOfIpv4Alone) {
  const net::Fd v6 = open("[::]:0", UdpRole::Listener);
  const std::uint16_t port = net::local_address(v6.get()).port;
  const Opened v4 = open_udp({at("0.0.0.0:0").ip, port}, UdpRole::Listener, net::real_syscalls());
  CHECK_TRUE(v4.has_value());
}

TEST(UdpSocket, OptionsFitTheRole) {
  const net::Fd listener = open("0.0.0.0:0", UdpRole::Listener);
  CHECK_EQUAL(1, option(listener.get(), SOL_SOCKET, SO_REUSEPORT));
  CHECK_EQUAL(1, option(listener.get(), IPPROTO_IP, IP_PKTINFO));
  CHECK_EQUAL(0, option(listener.get(), IPPROTO_IP, IP_RECVERR));
  CHECK_EQUAL(1, option(listener.get(), SOL_UDP, UDP_GRO));
  const net::Fd one_address = open("127.91.0.1:0", UdpRole::Listener);
  CHECK_EQUAL(0, option(one_address.get(), IPPROTO_IP, IP_PKTINFO));
  const net::Fd relay = open("127.91.0.1:0");
  CHECK_EQUAL(0, option(relay.get(), SOL_SOCKET, SO_REUSEPORT));
  CHECK_EQUAL(1, option(relay.get(), IPPROTO_IP, IP_RECVERR));
  CHECK_EQUAL(1, option(relay.get(), SOL_UDP, UDP_GRO));
  const net::Fd relay6 = open("[::1]:0");
  CHECK_EQUAL(1, option(relay6.get(), IPPROTO_IPV6, IPV6_V6ONLY));
  CHECK_EQUAL(1, option(relay6.get(), IPPROTO_IPV6, IPV6_RECVERR));
}

TEST(UdpSocket, DontFragmentIsOffUntilItIsSwitchedOn) {
  const net::Fd v4 = open("127.91.0.1:0");
  CHECK_EQUAL(IP_PMTUDISC_OMIT, option(v4.get(), IPPROTO_IP, IP_MTU_DISCOVER));
  net::set_dont_fragment(v4.get(), base::Family::IPv4, true);
  CHECK_EQUAL(IP_PMTUDISC_PROBE, option(v4.get(), IPPROTO_IP, IP_MTU_DISCOVER));
  net::set_dont_fragment(v4.get(), base::Family::IPv4, false);
  CHECK_EQUAL(IP_PMTUDISC_OMIT, option(v4.get(), IPPROTO_IP, IP_MTU_DISCOVER));
  const net::Fd v6 = open("[::1]:0");
  CHECK_EQUAL(IPV6_PMTUDISC_OMIT, option(v6.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER));
  net::set_dont_fragment(v6.get(), base::Family::IPv6, true);
  CHECK_EQUAL(IPV6_PMTUDISC_PROBE, option(v6.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER));
  net::set_dont_fragment(v6.get(), base::Family::IPv6, false);
  CHECK_EQUAL(IPV6_PMTUDISC_OMIT, option(v6.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER));
}

TEST(UdpSocket, ClosedPortIsAnIcmpErrorOnce) {
  const net::Fd fd = open("127.91.0.1:0");
  const base::TransportAddress closed = support::closed_port("127.0.0.9");
  send(fd, closed);
  CHECK_TRUE(support::wait_until([&] { return has_error(fd); }));
  const auto error = net::take_socket_error(fd.get());
  CHECK_TRUE(error.has_value() && error->is_icmp);
  CHECK_EQUAL(closed, error->destination);
  CHECK_EQUAL(3, static_cast<int>(error->type));
  CHECK_EQUAL(3, static_cast<int>(error->code));
  CHECK_FALSE(net::take_socket_error(fd.get()).has_value());
  CHECK_FALSE(has_error(fd));
}

TEST(UdpSocket, ClosedPortOfIpv6IsAnIcmpErrorToo) {
  const net::Fd fd = open("[::1]:0");
  const base::TransportAddress closed = support::closed_port("::1");
  send(fd, closed);
  CHECK_TRUE(support::wait_until([&] { return has_error(fd); }));
  const auto error = net::take_socket_error(fd.get());
  CHECK_TRUE(error.has_value() && error->is_icmp);
  CHECK_EQUAL(closed, error->destination);
  CHECK_EQUAL(1, static_cast<int>(error->type));
  CHECK_EQUAL(4, static_cast<int>(error->code));
}

TEST(UdpSocket, EachOfManyErrorsIsTaken) {
  const net::Fd fd = open("127.91.0.1:0");
  std::set<base::TransportAddress> closed;
  while (closed.size() < 5) {
    closed.insert(support::closed_port("127.0.0.9"));
  }
  for (const base::TransportAddress& to : closed) {
    send(fd, to);
    CHECK_TRUE(support::wait_until([&] { return has_error(fd); }));
    // Clears the pending error, which the next send would report; the queue stays.
    static_cast<void>(option(fd.get(), SOL_SOCKET, SO_ERROR));
  }
  std::set<base::TransportAddress> told;
  while (const auto error = net::take_socket_error(fd.get())) {
    told.insert(error->destination);
  }
  CHECK_EQUAL(closed, told);
}

TEST(UdpSocket, LocalRefusalIsNoIcmpError) {
  const net::Fd fd = open("127.91.0.1:0");
  const UdpEnd peer;
  send(fd, peer.address(), 65'508);
  const auto error = net::take_socket_error(fd.get());
  CHECK_TRUE(error.has_value());
  CHECK_FALSE(error->is_icmp);
  CHECK_FALSE(net::take_socket_error(fd.get()).has_value());
}

TEST(UdpSocket, NoErrorIsNothing) {
  const net::Fd fd = open("127.91.0.1:0");
  CHECK_FALSE(net::take_socket_error(fd.get()).has_value());
}

TEST(UdpSocket, LocalAddressOfNoSocketIsEmpty) {
  CHECK_EQUAL(base::TransportAddress{}, net::local_address(-1));
}
