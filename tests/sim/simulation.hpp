// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/reference_model.hpp"
#include "sim/sim_client.hpp"
#include "sim/sim_network.hpp"
#include "support/fake_clock.hpp"
#include "support/invariants.hpp"
#include "turn/server.hpp"

#include <map>
#include <set>

namespace sim {

/// A server, some clients and peers, and a bad network between them, all driven by one seed: the
/// same seed does the same on any machine. After each step the server must agree with the reference
/// model and with itself.
class Simulation final : private turn::Outputs, private turn::AuditSink {
 public:
  explicit Simulation(std::uint64_t seed);

  /// Runs so many steps, then lets every lifetime end. The first violation in words; empty when all
  /// held.
  [[nodiscard]] std::string run(std::size_t steps);

  /// Requests that succeeded and data that was relayed: a simulation in which nothing happens
  /// proves nothing.
  [[nodiscard]] std::size_t successes() const { return successes_; }

  [[nodiscard]] std::size_t relayed() const { return relayed_; }

 private:
  void send_to_client(const base::FiveTuple& to, base::Bytes message) override;
  std::error_code open_relay(turn::RelayId relay, const base::TransportAddress& local) override;
  void close_relay(turn::RelayId relay) override;
  bool can_bind(const base::TransportAddress& local) override;

  void allocation_gone(const base::FiveTuple& /*client*/) override {}

  void on_allocation_created(const turn::Allocation& /*allocation*/, base::Now /*now*/) override {}

  void on_allocation_ended(const turn::Allocation&, turn::EndReason, base::Now) override {}

  void on_credential_refused(const base::FiveTuple&,
                             std::string_view,
                             const auth::Refusal&,
                             base::Now) override {}

  void on_request_refused(
      const base::FiveTuple&, std::string_view, stun::Method, stun::ErrorCode, base::Now) override {
  }

  void step();
  void end();
  void client_acts(std::size_t index);
  void chaos_acts();
  void transmit(std::size_t index, const Ask& ask, unsigned attempt);
  void serve(std::size_t index, const base::FiveTuple& from, const Ask& ask);
  void answer_arrives(std::size_t index,
                      const base::FiveTuple& to,
                      const std::vector<std::byte>& message,
                      base::Instant made);
  void channel_data_arrives(const base::FiveTuple& from, std::uint16_t number);
  void send_indication_arrives(const base::FiveTuple& from, const base::TransportAddress& peer);
  void peer_datagram_arrives(const base::TransportAddress& relayed,
                             const base::TransportAddress& peer);
  void forward(const turn::ToPeer& to, const std::string& expected);
  void rebind(std::size_t index);
  void reload();
  void send_up(const SimClient& client, const std::function<void()>& arrive);
  void expect(bool holds, const std::string& what);
  [[nodiscard]] std::vector<base::TransportAddress> peers() const;
  [[nodiscard]] base::Duration pause();

  [[nodiscard]] base::Instant now() const { return clock_.now().monotonic; }

  [[nodiscard]] std::shared_ptr<const turn::Snapshot> snapshot() const;

  [[nodiscard]] support::ServerView view() {
    return {server_, ports_, quota_, counters_, open_, now()};
  }

  static World make_world();
  std::vector<SimClient> make_clients();

  support::SeededRandom random_;
  support::FakeClock clock_;
  SimNetwork network_{random_};
  World world_ = make_world();
  ReferenceModel model_{world_};
  std::vector<SimClient> clients_ = make_clients();
  support::FakeQuota quota_;
  turn::Counters counters_;
  turn::SourceBudget budget_{base::SipKey{}};
  auth::NonceMint nonces_{auth::NonceMint::Key{}};
  turn::RelayPorts ports_{
      {{world_.relay_ipv4, world_.relay_ipv4}, {world_.relay_ipv6, world_.relay_ipv6}},
      world_.relay_ports};
  std::set<base::TransportAddress> open_;
  std::map<std::pair<std::uint32_t, base::Family>, base::TransportAddress> sockets_;
  std::vector<std::vector<std::byte>> answers_;  ///< To the request that is being served.
  unsigned failing_binds_ = 0;
  std::errc bind_error_{};
  bool binds_failed_ = false;  ///< While the request was served.
  bool is_denied_ = false;
  std::uint64_t generation_ = 1;
  std::string violation_;
  std::size_t successes_ = 0;
  std::size_t relayed_ = 0;
  turn::Server server_{
      snapshot(), {ports_, budget_, quota_, *this, nonces_}, random_, *this, counters_, 0};
};

}  // namespace sim
