// SPDX-License-Identifier: Apache-2.0
#include "support/relay_bench.hpp"

#include "base/check.hpp"
#include "net/udp_socket.hpp"

namespace support {

namespace {

/// The address that reaches a socket of this test.
base::TransportAddress reachable(int fd) {
  base::TransportAddress address = net::local_address(fd);
  if (address.ip.is_unspecified()) {
    address.ip = *base::IpAddress::parse(address.ip.is_ipv4() ? kLoopback : "::1");
  }
  return address;
}

}  // namespace

TurnSetup loopback_setup() {
  TurnSetup setup;
  setup.relay = {TurnSetup::relay_address("127.77.0.1"), TurnSetup::relay_address("::1")};
  setup.relay_ports = {61'000, 62'999};
  setup.allow = {*base::Cidr::parse("127.0.0.0/8"), *base::Cidr::parse("::1/128")};
  return setup;
}

RelayBench::RelayBench(const Setup& setup)
    : ports(setup.turn.relay, setup.turn.relay_ports),
      executor(loop, sockets, *setup.syscalls),
      server(setup.turn.snapshot(1),
             {ports, budget, quota, *this, nonces},
             random,
             executor,
             counters,
             0),
      forwarder({server, sockets, ports, counters, random, *setup.syscalls, *this, 0}, listeners_),
      intake({server, sockets, forwarder, executor, counters, gather, *setup.syscalls}),
      streams(loop, server, forwarder, intake) {
  executor.connect(forwarder, intake);
  hooks_.emplace(
      loop, [this] { intake.end_turn(); }, [this] { intake.end_turn(); });
  auto udp = net::open_udp(at(setup.listen), net::UdpRole::Listener, net::real_syscalls());
  CHECK(udp.has_value());
  udp_address_ = reachable(udp->get());
  listeners_.push_back(std::make_unique<relay::UdpListener>(
      loop, std::move(*udp), *setup.syscalls, [this](relay::UdpListener& listener) {
        intake.on_listener_readable(listener);
      }));
  auto tcp = net::open_tcp_listener(at(setup.listen), net::real_syscalls());
  CHECK(tcp.has_value());
  tcp_address_ = reachable(tcp->get());
  streams.listen(std::move(*tcp));
}

std::optional<Datagram> RelayBench::arrives_at(const UdpEnd& end) {
  std::optional<Datagram> taken;
  static_cast<void>(serve_until([&] {
    taken = end.take();
    return taken.has_value();
  }));
  return taken;
}

std::string RelayBench::text_at(const UdpEnd& end) {
  const auto taken = arrives_at(end);
  return taken ? std::string(base::text_of(taken->bytes)) : "nothing";
}

void RelayBench::receive_batch(relay::RelayedBatch batch) {
  intake.on_relayed_batch(batch);
  // Its bytes may be gone from here on.
  std::fill(batch.bytes.begin(), batch.bytes.end(), std::byte{0xDD});
  intake.end_turn();
}

base::TransportAddress RelayBench::relayed_on(turn::WorkerIndex worker) {
  const auto port = ports.claim(0, turn::RelayPorts::Parity::Any, worker, random);
  CHECK(port.has_value());
  return {ports.addresses()[0].external, *port};
}

bool RelayBench::hand_over(turn::WorkerIndex to, relay::RelayedBatch batch) {
  if (neighbours_are_full) {
    return false;
  }
  handed_over.emplace_back(to, std::move(batch));
  return true;
}

}  // namespace support
