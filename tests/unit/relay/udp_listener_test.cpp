// SPDX-License-Identifier: Apache-2.0
#include "relay/udp_listener.hpp"

#include "net/udp_socket.hpp"
#include "support/loopback.hpp"
#include "support/test.hpp"

#include <sys/socket.h>

using relay::UdpListener;
using support::at;

TEST_GROUP(UdpListener) {
  net::Loop loop;
  int calls = 0;

  std::unique_ptr<UdpListener> listen(std::string_view local) {
    auto fd = net::open_udp(at(local), net::UdpRole::Listener, net::real_syscalls());
    CHECK_TRUE(fd.has_value());
    return std::make_unique<UdpListener>(
        loop, std::move(*fd), net::real_syscalls(), [this](UdpListener& listener) {
          ++calls;
          std::array<char, 16> buffer{};
          static_cast<void>(::recv(listener.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT));
        });
  }
};

TEST(UdpListener, TellsOfDatagrams) {
  const auto listener = listen("127.91.0.1:0");
  const support::UdpEnd client;
  client.send(listener->address(), "x");
  CHECK_TRUE(support::run_until(loop, [&] { return calls == 1; }));
}

TEST(UdpListener, ServerAddressIsWhereTheDatagramWent) {
  const auto one = listen("127.91.0.1:0");
  CHECK_FALSE(one->is_wildcard());
  CHECK_EQUAL(one->address(), one->server_address(std::nullopt));
  const auto all = listen("0.0.0.0:0");
  CHECK_TRUE(all->is_wildcard());
  const base::IpAddress called = at("127.0.0.5:0").ip;
  CHECK_EQUAL((base::TransportAddress{called, all->address().port}), all->server_address(called));
  const auto all6 = listen("[::]:0");
  CHECK_TRUE(all6->is_wildcard());
}

TEST(UdpListener, ErrorsAreTakenAndForgotten) {
  const auto listener = listen("127.91.0.1:0");
  const int on = 1;
  CHECK_EQUAL(0, ::setsockopt(listener->fd(), IPPROTO_IP, IP_RECVERR, &on, sizeof on));
  sockaddr_storage to{};
  const socklen_t size = support::closed_port("127.0.0.9").to_sockaddr(to);
  CHECK_EQUAL(1, ::sendto(listener->fd(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), size));
  // The loop hears of it first; the datagram behind it is served all the same.
  support::run_once(loop);
  const support::UdpEnd client;
  client.send(listener->address(), "x");
  CHECK_TRUE(support::run_until(loop, [&] { return calls == 1; }));
  CHECK_FALSE(net::take_socket_error(listener->fd()).has_value());
}
