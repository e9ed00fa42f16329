// SPDX-License-Identifier: Apache-2.0
#include "net/udp_socket.hpp"
#include "relay/forwarder.hpp"
#include "support/turn_test.hpp"

#include <map>

#include <netinet/in.h>

// A frame of a stream is copied, for its bytes are gone before the datagram that carries them
// leaves.

namespace {

/// What left, by the port it went to.
std::map<std::uint16_t, std::string>* sent = nullptr;

ssize_t note(const void* name, const iovec* parts, std::size_t count) {
  sockaddr_in to{};
  std::memcpy(&to, name, sizeof to);
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    bytes.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  }
  (*sent)[ntohs(to.sin_port)] = bytes;
  return static_cast<ssize_t>(bytes.size());
}

int note_many(int /*fd*/, mmsghdr* headers, unsigned count, int /*flags*/) {
  for (unsigned i = 0; i < count; ++i) {
    note(headers[i].msg_hdr.msg_name, headers[i].msg_hdr.msg_iov, headers[i].msg_hdr.msg_iovlen);
  }
  return static_cast<int>(count);
}

ssize_t note_one(int /*fd*/, const msghdr* header, int /*flags*/) {
  return note(header->msg_name, header->msg_iov, header->msg_iovlen);
}

ssize_t note_plain(int /*fd*/,
                   const void* bytes,
                   std::size_t size,
                   int /*flags*/,
                   const sockaddr* to,
                   socklen_t /*length*/) {
  const iovec part{const_cast<void*>(bytes), size};
  return note(to, &part, 1);
}

net::Syscalls noting() {
  net::Syscalls table = net::real_syscalls();
  table.sendmmsg = note_many;
  table.sendmsg = note_one;
  table.sendto = note_plain;
  return table;
}

struct NoNeighbours final : relay::Neighbours {
  bool hand_over(turn::WorkerIndex /*to*/, relay::RelayedBatch /*batch*/) override { return true; }
};

struct DeafOwner final : relay::RelaySocket::Owner {
  void on_relay_readable(relay::RelaySocket& /*socket*/) override {}

  void on_relay_error(relay::RelaySocket& /*socket*/) override {}
};

}  // namespace

TEST_GROUP_BASE(KeptBytes, support::TurnTest) {
  std::map<std::uint16_t, std::string> left;
  DeafOwner owner;
  NoNeighbours neighbours;
  net::Syscalls syscalls = noting();
  net::Loop loop;
  relay::RelaySockets sockets;
  std::vector<std::unique_ptr<relay::UdpListener>> listeners;

  void setup() override {
    sent = &left;
    alice.have_allocation();
    auto fd =
        net::open_udp({*base::IpAddress::parse("127.0.0.1"), 0}, net::UdpRole::Relay, syscalls);
    CHECK_TRUE(fd.has_value());
    sockets.add(std::make_unique<relay::RelaySocket>(
        loop, std::move(*fd), alice.relay(), relay::ClientPath{}, owner));
  }
};

TEST(KeptBytes, LiveUntilTheyAreSentHoweverManyDestinationsThereAre) {
  relay::Forwarder forwarder(
      {bench.server, sockets, bench.ports, bench.counters, bench.random, syscalls, neighbours, 0},
      listeners);
  std::map<std::uint16_t, std::string> expected;
  for (std::uint16_t port = 1; port <= 500; ++port) {
    // Small ones, then large ones: what follows would lie over what still waits.
    const std::string payload(port <= 64 ? 10U : 1200U, static_cast<char>('a' + port % 26));
    const base::MutableBytes kept = forwarder.keep(base::bytes_of(payload));
    forwarder.to_peer(
        {alice.relay(), {*base::IpAddress::parse("9.9.9.9"), port}, false}, kept, {true, false});
    expected[port] = payload;
  }
  forwarder.flush();
  CHECK_TRUE(expected == left);
}
