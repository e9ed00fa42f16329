// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/counting_random.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_quota.hpp"
#include "support/signer.hpp"
#include "turn/server.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace support {

/// Configuration of a server under test, plain values.
struct TurnSetup {
  turn::Policy policy;
  std::string realm = "example.org";
  /// Users with the password "pass" and keys for both algorithms.
  std::vector<std::string> users = {"alice", "bob"};
  /// The same with a key for MD5 only.
  std::vector<std::string> md5_users;
  std::vector<auth::SharedSecret> secrets;
  std::vector<base::Cidr> allow;
  std::vector<base::Cidr> deny;
  std::vector<base::IpAddress> own;
  std::vector<turn::RelayAddress> relay = {relay_address("192.0.2.10"),
                                           relay_address("2001:db8::10")};
  turn::PortRange relay_ports{50'000, 50'099};

  [[nodiscard]] static turn::RelayAddress relay_address(std::string_view local,
                                                        std::string_view external = {});
  [[nodiscard]] std::shared_ptr<const turn::Snapshot> snapshot(std::uint64_t generation) const;
};

/// A server of the core with everything around it: time that stands still, randomness that counts,
/// sockets that are only written down. What the server asks for and tells goes to the log, a line
/// each, in its order.
class TurnBench final : private turn::Outputs, private turn::AuditSink {
 public:
  explicit TurnBench(TurnSetup setup = {});

  /// Feeds one datagram or frame of a client, as the relay layer does.
  void receive(const base::FiveTuple& from, base::Bytes message);
  /// What must hold between any two calls; the first violation in words.
  [[nodiscard]] std::string violation();
  /// Time passes; due deadlines run.
  void advance(base::Duration by);
  /// Changes the configuration and swaps it in.
  void reload(const std::function<void(TurnSetup&)>& change);
  /// The next binds of this local address fail with `error`; without one they work again.
  void fail_binds(const base::TransportAddress& local, std::errc error);

  void let_binds_work() { failing_.clear(); }

  /// Key that answers to this client are checked with.
  void expect_key(const base::TransportAddress& client, const stun::LongTermKey& key) {
    keys_[client] = key;
  }

  /// What happened since the last call, a line each.
  [[nodiscard]] std::string take_log();

  /// The last message sent to a client.
  [[nodiscard]] const std::vector<std::byte>& last_sent() const { return last_sent_; }

  [[nodiscard]] const std::set<base::TransportAddress>& open_sockets() const { return open_; }

  [[nodiscard]] std::uint64_t dropped(turn::DropReason reason) const {
    return counters.dropped(reason);
  }

  FakeClock clock;
  TurnSetup setup;
  CountingRandom random;
  FakeQuota quota;
  turn::Counters counters;
  auth::NonceMint nonces{auth::NonceMint::Key{}};
  turn::SourceBudget budget{base::SipKey{}};
  turn::RelayPorts ports;

 private:
  void send_to_client(const base::FiveTuple& to, base::Bytes message) override;
  std::error_code open_relay(turn::RelayId relay, const base::TransportAddress& local) override;
  void close_relay(turn::RelayId relay) override;
  bool can_bind(const base::TransportAddress& local) override;
  void allocation_gone(const base::FiveTuple& client) override;
  void on_allocation_created(const turn::Allocation& allocation, base::Now now) override;
  void on_allocation_ended(const turn::Allocation& allocation,
                           turn::EndReason reason,
                           base::Now now) override;
  void on_credential_refused(const base::FiveTuple& client,
                             std::string_view username,
                             const auth::Refusal& refusal,
                             base::Now now) override;
  void on_request_refused(const base::FiveTuple& client,
                          std::string_view username,
                          stun::Method method,
                          stun::ErrorCode code,
                          base::Now now) override;

  void note(const std::string& line) { log_ += line + "\n"; }

  std::string log_;
  std::vector<std::byte> last_sent_;
  std::map<base::TransportAddress, stun::LongTermKey> keys_;
  std::map<base::TransportAddress, std::errc> failing_;
  std::map<std::pair<std::uint32_t, base::Family>, base::TransportAddress> sockets_;
  std::set<base::TransportAddress> open_;
  std::uint64_t generation_ = 1;

 public:
  turn::Server server;  ///< Last: it is destroyed first.
};

/// A client of a bench: one 5-tuple and one name.
class TestClient {
 public:
  TestClient(TurnBench& bench,
             std::string_view address,
             std::string username = "alice",
             base::Transport transport = base::Transport::Udp);

  /// A request with a new transaction id.
  [[nodiscard]] RawMessage request(stun::Method method);
  /// An Allocate request for UDP.
  [[nodiscard]] RawMessage allocate();
  [[nodiscard]] RawMessage refresh(std::uint32_t lifetime);
  [[nodiscard]] RawMessage create_permission(std::initializer_list<std::string_view> peers);
  [[nodiscard]] RawMessage channel_bind(std::uint16_t number, std::string_view peer);

  /// Signs with a fresh nonce, sends, and returns the log since the call.
  std::string send(const RawMessage& message);
  /// Sends the bytes as they are.
  std::string send_bare(const RawMessage& message);
  /// Allocates; anything but success is the test's mistake.
  void have_allocation();
  /// The same for what is built on it.
  void have_permission(std::string_view peer);
  void have_channel(std::uint16_t number, std::string_view peer);

  [[nodiscard]] turn::AllocationId id() const { return *bench_.server.find_client(five_tuple); }

  [[nodiscard]] turn::RelayId relay(base::Family family = base::Family::IPv4) const {
    return {id(), family};
  }

  /// Where ChannelData on this channel goes, as text; "-" when nowhere.
  [[nodiscard]] std::string channel_data(std::uint16_t number);
  /// Where a Send indication goes, as text; "-" when nowhere.
  [[nodiscard]] std::string send_indication(const RawMessage& message);
  [[nodiscard]] std::string send_data(std::string_view peer, std::string_view data = "data");
  /// How a datagram of this peer would reach the client: "channel 16384", "indication" or "-".
  [[nodiscard]] std::string from_peer(std::string_view peer);

  base::FiveTuple five_tuple;
  Signer signer;
  auth::SecurityFeatures nonce_features{true, false};

 private:
  TurnBench& bench_;
  std::uint32_t transactions_ = 0;
};

}  // namespace support
