// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/nonce.hpp"
#include "base/deadline_queue.hpp"
#include "base/random.hpp"
#include "stun/channel_data.hpp"
#include "stun/message_builder.hpp"
#include "stun/message_view.hpp"
#include "turn/allocation_table.hpp"
#include "turn/counters.hpp"
#include "turn/snapshot.hpp"
#include "turn/source_budget.hpp"
#include "turn/surroundings.hpp"

#include <memory>
#include <optional>

namespace turn {

/// Where a client's datagram goes.
struct ToPeer {
  RelayId relay;
  base::TransportAddress peer;
  bool is_own_relayed = false;  ///< Hand it over inside the process.
};

/// Where a peer's datagram goes and how it is wrapped: ChannelData on `channel`, else a Data
/// indication.
struct ToClient {
  const base::FiveTuple* client = nullptr;
  std::optional<stun::ChannelNumber> channel;
};

/// What a Send indication asks for.
struct SendIndication {
  ToPeer to;
  base::Bytes data;
  bool dont_fragment = false;
};

/// An ICMP error about a datagram that was sent to a peer: RFC 8656 §11.5.
struct IcmpError {
  base::TransportAddress peer;  ///< Port 0 when it is not known.
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t mtu = 0;  ///< Of "fragmentation needed" and "packet too big", else 0.
};

/// What a server shares with those of the other workers.
struct Shared {
  RelayPorts& ports;
  SourceBudget& budget;
  QuotaGate& quota;
  AuditSink& audit;
  const auth::NonceMint& nonces;
};

/// The TURN server of one worker: bytes and time in, outputs out. No socket, clock or lock of its
/// own; it owns the tables and dispatches by method, each method's procedure stands in a file
/// handle_<method>.cpp.
///
/// Call on_deadline() before a batch is looked at: a look-up then never meets an expired entry.
class Server {
 public:
  Server(std::shared_ptr<const Snapshot> snapshot,
         Shared shared,
         base::RandomSource& random,
         Outputs& outputs,
         Counters& counters,
         WorkerIndex worker);

  // FAST: no allocation, no output, no clock.
  [[nodiscard]] std::optional<AllocationId> find_client(const base::FiveTuple& from) const {
    return table_.find(from);
  }

  /// Where ChannelData on this channel goes. RFC 8656 §12.6.
  [[nodiscard]] std::optional<ToPeer> on_channel_data(AllocationId client,
                                                      stun::ChannelNumber number);
  /// Where a Send indication goes; `message` is one of class Indication and method Send. RFC 8656
  /// §11.2.
  [[nodiscard]] std::optional<SendIndication> on_send_indication(AllocationId client,
                                                                 const stun::MessageView& message);
  /// Where a datagram of `peer` goes that arrived at a relayed address. RFC 8656 §11.3.
  [[nodiscard]] std::optional<ToClient> on_peer_datagram(RelayId relay,
                                                         const base::TransportAddress& peer);

  [[nodiscard]] std::optional<RelayId> find_relayed(const base::TransportAddress& external) const {
    return table_.find_relay(external);
  }

  void count_to_peer(AllocationId client, std::uint64_t packets, std::uint64_t bytes);
  void count_to_client(AllocationId client, std::uint64_t packets, std::uint64_t bytes);
  /// The client of a relayed address, or nullptr.
  [[nodiscard]] const base::FiveTuple* client_of(RelayId relay) const;
  /// External form of a relayed address: the source that a peer inside this process sees.
  [[nodiscard]] const base::TransportAddress& external_address(RelayId relay) const;

  // SLOW.
  /// Counts what could not be parsed; answers it when it is a request of RFC 3489 and those are
  /// answered.
  void on_unparsed(const base::FiveTuple& from,
                   base::Bytes message,
                   stun::ParseError error,
                   base::Now now);
  /// Serves a request; counts and drops what is none.
  void on_message(const base::FiveTuple& from, const stun::MessageView& message, base::Now now);
  /// Tells the client of an ICMP error, if its permissions allow. RFC 8656 §11.5.
  void on_icmp_error(RelayId relay, const IcmpError& error);
  /// The stream of this client is gone, and with it its allocation.
  void on_client_gone(const base::FiveTuple& client, base::Now now);
  void on_deadline(base::Now now);

  [[nodiscard]] std::optional<base::Instant> next_deadline() const { return deadlines_.next(); }

  /// Entries that wait in the queue of deadlines, those of ended allocations included.
  [[nodiscard]] std::size_t waiting_deadlines() const { return deadlines_.size(); }

  /// Swaps the configuration. Permissions that the new rules forbid go at once.
  void on_snapshot(std::shared_ptr<const Snapshot> snapshot, base::Now now);
  /// Ends every allocation.
  void stop(base::Now now);

  [[nodiscard]] const AllocationTable& allocations() const { return table_; }

  [[nodiscard]] AllocationTable& allocations() { return table_; }

 private:
  /// A request on its way through a handler.
  struct Request {
    const base::FiveTuple& from;
    const stun::MessageView& message;
    base::Now now;
    std::optional<AllocationId> allocation_id;
    Allocation* allocation = nullptr;  ///< On this 5-tuple, or nullptr.
    std::optional<auth::Authenticated> authenticated;
  };

  using Handled = base::Result<void, stun::ErrorCode>;
  /// What an Allocate asks for, checked.
  struct AllocateDemand;
  static constexpr std::size_t kPruneDeadlinesMin = 1024;
  enum class DeadlineKind : std::uint8_t { Allocation, Reservation };

  struct Deadline {
    DeadlineKind kind = DeadlineKind::Allocation;
    AllocationId allocation;
    ReservationToken token{};
  };

  void handle_binding(const Request& request);
  void handle_classic_binding(const base::FiveTuple& from,
                              const stun::MessageView& message,
                              base::Now now);
  [[nodiscard]] Handled handle_allocate(Request& request, stun::MessageBuilder& answer);
  [[nodiscard]] Handled handle_refresh(Request& request, stun::MessageBuilder& answer);
  [[nodiscard]] Handled handle_create_permission(Request& request);
  [[nodiscard]] Handled handle_channel_bind(Request& request);

  // server.cpp
  void serve_turn_request(Request& request);
  [[nodiscard]] Handled dispatch(Request& request, stun::MessageBuilder& answer);
  [[nodiscard]] bool authenticate(Request& request);
  [[nodiscard]] bool is_identity_current(Allocation& allocation) const;

  // answers.cpp
  [[nodiscard]] bool within_budget(const Request& request);
  void challenge(const Request& request, stun::ErrorCode code);
  [[nodiscard]] stun::MessageBuilder begin_answer(const Request& request,
                                                  stun::MessageClass message_class);
  void answer_error(const Request& request, stun::ErrorCode code);
  void finish_answer(const Request& request, stun::MessageBuilder& answer);
  [[nodiscard]] base::Result<std::chrono::seconds, stun::ErrorCode> desired_lifetime(
      const Request& request) const;

  // handle_allocate.cpp, relay_opening.cpp
  [[nodiscard]] base::Result<AllocateDemand, stun::ErrorCode> read_demand(
      const Request& request) const;
  [[nodiscard]] Handled create_allocation(AllocateDemand& demand, Request& request);
  [[nodiscard]] Handled open_relays(AllocationId id,
                                    AllocateDemand& demand,
                                    const Request& request);
  [[nodiscard]] Handled open_family(AllocationId id,
                                    base::Family family,
                                    const AllocateDemand& demand,
                                    const Request& request);
  [[nodiscard]] std::error_code try_relay(AllocationId id,
                                          std::size_t address_index,
                                          std::uint16_t port,
                                          base::Instant expires);
  [[nodiscard]] Handled reserve_next(AllocationId id, const Request& request);
  [[nodiscard]] std::size_t choose_address(base::Family family, const base::IpAddress& server);
  [[nodiscard]] bool supports(base::Family family) const;

  // expiry.cpp
  void remove_relay(AllocationId id, base::Family family);
  void remove_allocation(AllocationId id, EndReason reason, base::Now now);
  void wake_at(AllocationId id, base::Instant due);
  void push_deadline(base::Instant due, const Deadline& deadline);
  void expire_allocation(AllocationId id, base::Now now);
  void expire_reservation(const ReservationToken& token, base::Now now);
  void apply_peer_rules(Allocation& allocation);

  std::shared_ptr<const Snapshot> snapshot_;
  Shared shared_;
  base::RandomSource& random_;
  Outputs& outputs_;
  Counters& counters_;
  WorkerIndex worker_;
  AllocationTable table_;
  base::DeadlineQueue<Deadline> deadlines_;
  std::size_t prune_deadlines_at_ =
      kPruneDeadlinesMin;                 ///< Size of the queue at which dead entries are dropped.
  std::array<std::byte, 1024> answer_{};  ///< Every answer is built here, and is smaller.
};

}  // namespace turn
