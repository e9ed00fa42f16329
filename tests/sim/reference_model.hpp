// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/ask.hpp"
#include "turn/policy.hpp"

#include <map>
#include <set>

namespace sim {

/// What the world of a simulation is made of; server and model are built from the same.
struct World {
  std::string realm = "example.org";
  turn::Policy policy;
  base::IpAddress relay_ipv4;
  base::IpAddress relay_ipv6;
  turn::PortRange relay_ports;
};

/// RFC 8656 written down a second time, as plainly as possible: maps of what lives until when, and
/// of every request the one answer that is right. It shares no code with turn/, and knows nothing
/// of indexes, queues or batches.
class ReferenceModel {
 public:
  explicit ReferenceModel(World world) : world_(std::move(world)) {}

  /// Time has come to `now`: what is over is gone.
  void advance(base::Instant now);

  /// Judges an answer, then does what the request did. The violation in words, or nothing.
  /// `binds_failed`: while it was served, some socket could not be bound.
  [[nodiscard]] std::string on_answer(const Ask& ask,
                                      const base::FiveTuple& from,
                                      const Answer& answer,
                                      bool binds_failed,
                                      base::Now now);

  /// Where data of this client to this peer goes: "-", "out" by socket, or "inside" to another
  /// relayed address.
  [[nodiscard]] std::string to_peer(const base::FiveTuple& client,
                                    const base::TransportAddress& peer) const;
  /// The peer that a channel is for, when it is bound and data may go there.
  [[nodiscard]] std::optional<base::TransportAddress> channel_peer(const base::FiveTuple& client,
                                                                   std::uint16_t number) const;
  /// How data of this peer reaches the client: "-", "indication" or "channel N".
  [[nodiscard]] std::string to_client(const base::FiveTuple& client,
                                      const base::TransportAddress& peer) const;
  /// The client that a relayed address belongs to.
  [[nodiscard]] std::optional<base::FiveTuple> owner_of(
      const base::TransportAddress& relayed) const;

  /// The operator denies, or allows again, the addresses of kDeniable.
  void set_denied(bool denied);

  /// The stream of a client has ended.
  void forget(const base::FiveTuple& client) { allocations_.erase(client); }

  [[nodiscard]] std::size_t allocations() const { return allocations_.size(); }

  [[nodiscard]] std::size_t reservations() const { return reservations_.size(); }

  /// Begin of the addresses that a reload denies.
  static constexpr std::string_view kDeniable = "9.9.8.";

 private:
  struct Relayed {
    base::TransportAddress address;
    base::Instant expires;
  };

  struct Bound {
    base::TransportAddress peer;
    base::Instant expires;
  };

  struct Allocation {
    Account account;
    stun::TransactionId id{};
    Answer answer;
    std::map<base::Family, Relayed> relayed;
    std::map<base::IpAddress, base::Instant> permissions;
    std::map<std::uint16_t, Bound> channels;
  };

  struct Reservation {
    base::TransportAddress address;
    std::string user;
    base::Instant expires;
  };
  enum class Verdict : std::uint8_t { Allowed, Own, Forbidden };

  [[nodiscard]] Verdict judge_ip(const base::IpAddress& ip) const;
  [[nodiscard]] Verdict judge(const base::TransportAddress& peer) const;
  [[nodiscard]] int authentication_error(const Ask& ask,
                                         const base::FiveTuple& from,
                                         base::Now now) const;
  [[nodiscard]] int allocate_error(const Ask& ask) const;
  [[nodiscard]] int permission_error(const Ask& ask, const Allocation& allocation) const;
  [[nodiscard]] int channel_error(const Ask& ask, const Allocation& allocation) const;
  [[nodiscard]] std::string allocate(const Ask& ask,
                                     const base::FiveTuple& from,
                                     const Answer& answer,
                                     bool binds_failed,
                                     base::Instant now);
  [[nodiscard]] std::string allocate_reserved(const Ask& ask,
                                              const base::FiveTuple& from,
                                              const Answer& answer,
                                              bool binds_failed,
                                              base::Instant now);
  [[nodiscard]] std::string refresh(const Ask& ask,
                                    const base::FiveTuple& from,
                                    const Answer& answer,
                                    base::Instant now);
  [[nodiscard]] std::string permit(const Ask& ask,
                                   Allocation& allocation,
                                   const Answer& answer,
                                   base::Instant now);
  [[nodiscard]] std::string bind(const Ask& ask,
                                 Allocation& allocation,
                                 const Answer& answer,
                                 base::Instant now);
  [[nodiscard]] std::string record(const Ask& ask,
                                   const base::FiveTuple& from,
                                   const Answer& answer,
                                   base::Instant now);
  [[nodiscard]] bool is_free(const base::TransportAddress& address) const;
  [[nodiscard]] bool has_room(base::Family family, PortWish wish) const;
  [[nodiscard]] std::uint32_t held_by(const std::string& user) const;
  [[nodiscard]] std::uint32_t lifetime_of(const Ask& ask) const;
  void drop_family(Allocation& allocation, base::Family family);

  [[nodiscard]] const base::IpAddress& relay_ip(base::Family family) const {
    return family == base::Family::IPv4 ? world_.relay_ipv4 : world_.relay_ipv6;
  }

  World world_;
  bool is_denied_ = false;
  std::map<base::FiveTuple, Allocation, bool (*)(const base::FiveTuple&, const base::FiveTuple&)>
      allocations_{[](const base::FiveTuple& left, const base::FiveTuple& right) {
        return std::tuple(left.client, left.server, left.transport) <
               std::tuple(right.client, right.server, right.transport);
      }};
  std::map<turn::ReservationToken, Reservation> reservations_;
};

}  // namespace sim
