// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/authenticator.hpp"
#include "base/slot_map.hpp"
#include "stun/channel_data.hpp"
#include "turn/relay_ports.hpp"
#include "turn/small_table.hpp"

#include <array>
#include <optional>

namespace turn {

struct Allocation;
using AllocationId = base::SlotId<Allocation>;

/// One relayed transport address of an allocation: there is at most one a family.
struct RelayId {
  AllocationId allocation;
  base::Family family = base::Family::IPv4;

  friend bool operator==(const RelayId&, const RelayId&) = default;
};

[[nodiscard]] constexpr std::size_t index_of(base::Family family) {
  return family == base::Family::IPv4 ? 0 : 1;
}

/// A permission: an IP address, no port. RFC 8656 §9.
struct Permission {
  base::IpAddress ip;
  base::Instant expires;
  bool is_own_relay = false;  ///< The address is one of ours: each datagram's port is judged.
};

/// A channel bound to a peer: RFC 8656 §12.
struct Channel {
  stun::ChannelNumber number;
  base::TransportAddress peer;
  base::Instant expires;
  bool is_permitted = true;     ///< A permission for the peer's address is alive.
  bool is_own_relayed = false;  ///< The peer is a relayed address of this server.
};

struct ByIp {
  const base::IpAddress& operator()(const Permission& permission) const { return permission.ip; }
};

struct ByPeer {
  const base::TransportAddress& operator()(const Channel& channel) const { return channel.peer; }
};

struct ByNumber {
  const stun::ChannelNumber& operator()(const Channel& channel) const { return channel.number; }
};

/// A relayed transport address, alive from the moment its socket exists.
struct Relay {
  std::size_t address_index = 0;    ///< Into RelayPorts::addresses().
  base::TransportAddress local;     ///< What its socket is bound to.
  base::TransportAddress external;  ///< What clients and peers know.
  base::Instant expires;
};

/// Bytes of payload and datagrams relayed, since the allocation was made.
struct Traffic {
  std::uint64_t packets_to_peer = 0;
  std::uint64_t bytes_to_peer = 0;
  std::uint64_t packets_to_client = 0;
  std::uint64_t bytes_to_client = 0;
};

/// What the answer to the Allocate request said, to say it again when the request comes again (RFC
/// 8656 §7.2).
struct AllocateAnswer {
  stun::TransactionId transaction_id{};
  std::chrono::seconds lifetime{0};
  std::optional<ReservationToken> token;
  std::optional<std::pair<base::Family, stun::ErrorCode>> address_error;
};

/// The state of RFC 8656 §6: one client, one or two relayed addresses.
struct Allocation {
  base::FiveTuple five_tuple;
  auth::Identity identity;
  std::uint64_t snapshot_generation =
      0;  ///< Of the credentials that `identity` was last checked against.
  AllocateAnswer answer;
  base::Instant created;
  base::Instant next_wake;  ///< The earliest entry of the deadline queue that stands for it.
  std::array<std::optional<Relay>, 2> relays;
  SmallTable<Permission, ByIp> permissions;
  SmallTable<Channel, ByPeer, ByNumber> channels;
  Traffic traffic;

  [[nodiscard]] Relay* relay(base::Family family) {
    auto& found = relays[index_of(family)];
    return found ? &*found : nullptr;
  }

  [[nodiscard]] const Relay* relay(base::Family family) const {
    const auto& found = relays[index_of(family)];
    return found ? &*found : nullptr;
  }

  [[nodiscard]] bool has_relay() const { return relays[0] || relays[1]; }

  [[nodiscard]] Permission* find_permission(const base::IpAddress& ip) {
    return permissions.find<ByIp>(ip);
  }

  [[nodiscard]] Channel* find_channel(stun::ChannelNumber number) {
    return channels.find<ByNumber>(number);
  }

  [[nodiscard]] Channel* find_channel_to(const base::TransportAddress& peer) {
    return channels.find<ByPeer>(peer);
  }

  /// Installs or refreshes a permission and lights up the channels it is for.
  void install_permission(const base::IpAddress& ip, bool is_own_relay, base::Instant expires);
  /// Drops permissions and channels that are expired at `now`.
  void expire_entries(base::Instant now);
  /// The next moment at which anything of it expires.
  [[nodiscard]] base::Instant next_expiry() const;
  /// Drops permissions and channels of a family.
  void forget_family(base::Family family);
  /// Puts out the channels whose peer has no live permission, lights up the others.
  void update_permitted();
};

}  // namespace turn
