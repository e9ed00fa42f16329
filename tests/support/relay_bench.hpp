// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/timer.hpp"
#include "relay/intake.hpp"
#include "relay/streams.hpp"
#include "support/loopback.hpp"
#include "support/seeded_random.hpp"
#include "support/turn_bench.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace support {

/// What a relay on loopback needs: relayed addresses at 127.77.0.1 and ::1, every loopback address
/// a peer, ports that the kernel gives to nobody by itself.
[[nodiscard]] TurnSetup loopback_setup();

/// The pieces of one worker, put together as the worker does, on real sockets and clocks, in the
/// test's own thread. The other workers are its neighbours: what it hands to them is kept.
class RelayBench final : private relay::Neighbours, private turn::AuditSink {
 public:
  struct Setup {
    TurnSetup turn = loopback_setup();
    std::string listen = std::string(kLoopback) + ":0";
    const net::Syscalls* syscalls = &net::real_syscalls();
  };

  RelayBench() : RelayBench(Setup()) {}

  explicit RelayBench(const Setup& setup);

  /// Where clients send to.
  [[nodiscard]] const base::TransportAddress& udp_address() const { return udp_address_; }

  [[nodiscard]] const base::TransportAddress& tcp_address() const { return tcp_address_; }

  /// Serves what there is.
  void turn() { run_once(loop); }

  /// Serves until `holds` does; false after the deadline.
  [[nodiscard]] bool serve_until(const std::function<bool()>& holds) {
    return run_until(loop, holds);
  }

  /// What an end receives next, served meanwhile; nothing after the deadline.
  [[nodiscard]] std::optional<Datagram> arrives_at(const UdpEnd& end);
  [[nodiscard]] std::string text_at(const UdpEnd& end);

  /// Gives the worker what another one hands over.
  void receive_batch(relay::RelayedBatch batch);
  /// An address that belongs to an allocation of this other worker.
  [[nodiscard]] base::TransportAddress relayed_on(turn::WorkerIndex worker);

  [[nodiscard]] std::uint64_t dropped(turn::DropReason reason) const {
    return counters.dropped(reason);
  }

  // Handed to neighbours, with their number; `neighbours_are_full` refuses.
  std::vector<std::pair<turn::WorkerIndex, relay::RelayedBatch>> handed_over;
  bool neighbours_are_full = false;

  net::Loop loop;
  SeededRandom random{20'260'801};
  FakeQuota quota;
  turn::Counters counters;
  auth::NonceMint nonces{auth::NonceMint::Key{}};
  turn::SourceBudget budget{base::SipKey{}};
  turn::RelayPorts ports;
  relay::Gather gather{base::Duration::zero()};

 private:
  [[nodiscard]] bool hand_over(turn::WorkerIndex to, relay::RelayedBatch batch) override;

  void on_allocation_created(const turn::Allocation& /*allocation*/, base::Now /*now*/) override {}

  void on_allocation_ended(const turn::Allocation& /*allocation*/,
                           turn::EndReason /*reason*/,
                           base::Now /*now*/) override {}

  void on_credential_refused(const base::FiveTuple& /*client*/,
                             std::string_view /*username*/,
                             const auth::Refusal& /*refusal*/,
                             base::Now /*now*/) override {}

  void on_request_refused(const base::FiveTuple& /*client*/,
                          std::string_view /*username*/,
                          stun::Method /*method*/,
                          stun::ErrorCode /*code*/,
                          base::Now /*now*/) override {}

  std::vector<std::unique_ptr<relay::UdpListener>> listeners_;
  base::TransportAddress udp_address_;
  base::TransportAddress tcp_address_;

 public:
  relay::RelaySockets sockets;
  relay::OutputExecutor executor;
  turn::Server server;
  relay::Forwarder forwarder;
  relay::Intake intake;
  relay::Streams streams;

 private:
  std::optional<net::TurnHooks> hooks_;
};

}  // namespace support
