// SPDX-License-Identifier: Apache-2.0
#include "relay/relay_socket.hpp"

#include "net/udp_socket.hpp"
#include "support/abort.hpp"
#include "support/loopback.hpp"
#include "support/test.hpp"

#include <sys/socket.h>

using base::Family;
using relay::RelaySocket;
using turn::RelayId;

namespace {

/// Notes what it is told and reads the sockets empty.
class NotingOwner final : public RelaySocket::Owner {
 public:
  void on_relay_readable(RelaySocket& socket) override {
    readable.push_back(socket.id());
    std::array<char, 16> buffer{};
    static_cast<void>(::recv(socket.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT));
  }

  void on_relay_error(RelaySocket& socket) override {
    errors.push_back(socket.id());
    while (net::take_socket_error(socket.fd())) {
    }
  }

  std::vector<RelayId> readable;
  std::vector<RelayId> errors;
};

RelayId id(std::uint32_t index, Family family = Family::IPv4, std::uint32_t generation = 0) {
  return {{index, generation}, family};
}

}  // namespace

TEST_GROUP(RelaySockets) {
  net::Loop loop;
  NotingOwner owner;
  relay::RelaySockets sockets;

  std::unique_ptr<RelaySocket> make(RelayId relay) {
    const auto local = support::at(relay.family == Family::IPv4 ? "127.91.0.1:0" : "[::1]:0");
    auto fd = net::open_udp(local, net::UdpRole::Relay, net::real_syscalls());
    CHECK_TRUE(fd.has_value());
    return std::make_unique<RelaySocket>(loop, std::move(*fd), relay, relay::ClientPath{}, owner);
  }

  RelaySocket& add(RelayId relay) {
    auto socket = make(relay);
    RelaySocket& added = *socket;
    sockets.add(std::move(socket));
    return added;
  }
};

TEST(RelaySockets, NothingIsFoundInNone) {
  POINTERS_EQUAL(nullptr, sockets.find(id(0)));
  POINTERS_EQUAL(nullptr, sockets.find(id(UINT32_MAX)));
}

TEST(RelaySockets, EachIsFoundByAllocationAndFamily) {
  RelaySocket& v4 = add(id(7));
  RelaySocket& v6 = add(id(7, Family::IPv6));
  RelaySocket& other = add(id(0));
  POINTERS_EQUAL(&v4, sockets.find(id(7)));
  POINTERS_EQUAL(&v6, sockets.find(id(7, Family::IPv6)));
  POINTERS_EQUAL(&other, sockets.find(id(0)));
  POINTERS_EQUAL(nullptr, sockets.find(id(0, Family::IPv6)));
  POINTERS_EQUAL(nullptr, sockets.find(id(6)));
  POINTERS_EQUAL(nullptr, sockets.find(id(8)));
}

TEST(RelaySockets, RemovedOneIsClosedAndItsPlaceFree) {
  static_cast<void>(add(id(3)));
  static_cast<void>(add(id(3, Family::IPv6)));
  const std::size_t before = support::open_descriptors();
  sockets.remove(id(3));
  CHECK_EQUAL(before - 1, support::open_descriptors());
  POINTERS_EQUAL(nullptr, sockets.find(id(3)));
  CHECK_TRUE(sockets.find(id(3, Family::IPv6)) != nullptr);
  RelaySocket& again = add(id(3, Family::IPv4, 1));
  POINTERS_EQUAL(&again, sockets.find(id(3, Family::IPv4, 1)));
  CHECK_EQUAL(1U, again.id().allocation.generation);
}

TEST(RelaySockets, TakenPlaceAndUnknownOneAreBugs) {
  static_cast<void>(add(id(3)));
  CHECK_TRUE(support::aborts([this] { static_cast<void>(add(id(3))); }));
  CHECK_TRUE(support::aborts([this] { sockets.remove(id(4)); }));
}

TEST(RelaySockets, OwnerIsToldOfDatagramsAndErrors) {
  RelaySocket& first = add(id(1));
  RelaySocket& second = add(id(2));
  const support::UdpEnd peer;
  peer.send(net::local_address(second.fd()), "x");
  CHECK_TRUE(support::run_until(loop, [&] { return !owner.readable.empty(); }));
  CHECK_TRUE(owner.readable == std::vector<RelayId>{id(2)});
  sockaddr_storage to{};
  const socklen_t size = support::closed_port("127.0.0.9").to_sockaddr(to);
  CHECK_EQUAL(1, ::sendto(first.fd(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), size));
  CHECK_TRUE(support::run_until(loop, [&] { return !owner.errors.empty(); }));
  CHECK_TRUE(owner.errors == std::vector<RelayId>{id(1)});
}
