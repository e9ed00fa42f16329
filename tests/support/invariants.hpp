// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/fake_quota.hpp"
#include "turn/server.hpp"

#include <map>
#include <set>
#include <string>

namespace support {

/// What a server stands in, for the checks below.
struct ServerView {
  turn::Server& server;
  const turn::RelayPorts& ports;
  const FakeQuota& quota;
  const turn::Counters& counters;
  const std::set<base::TransportAddress>& open_sockets;  ///< Local addresses that are bound.
  base::Instant now;                                     ///< Due deadlines have run.
};

namespace detail {

inline std::string violation_of_permissions(const turn::Allocation& allocation, base::Instant now) {
  std::set<base::IpAddress> seen;
  for (const turn::Permission& permission : allocation.permissions.entries()) {
    if (!seen.insert(permission.ip).second) {
      return "two permissions for " + permission.ip.to_string();
    }
    if (permission.expires <= now) {
      return "expired permission for " + permission.ip.to_string();
    }
    if (allocation.relay(permission.ip.family()) == nullptr) {
      return "permission without relayed address of its family";
    }
  }
  return {};
}

inline std::string violation_of_channels(turn::Allocation& allocation, base::Instant now) {
  std::set<stun::ChannelNumber> numbers;
  std::set<base::TransportAddress> peers;
  for (const turn::Channel& channel : allocation.channels.entries()) {
    if (!numbers.insert(channel.number).second || !peers.insert(channel.peer).second) {
      return "channel number or peer bound twice";
    }
    if (channel.number < stun::kChannelNumberMin || channel.number > stun::kChannelNumberMax) {
      return "channel number out of range";
    }
    if (channel.expires <= now) {
      return "expired channel";
    }
    if (channel.is_permitted != (allocation.find_permission(channel.peer.ip) != nullptr)) {
      return "channel and permission disagree for " + channel.peer.to_string();
    }
    if (allocation.relay(channel.peer.ip.family()) == nullptr) {
      return "channel without relayed address of its family";
    }
  }
  return {};
}

inline std::string violation_of_relays(const ServerView& view,
                                       turn::AllocationId id,
                                       const turn::Allocation& allocation,
                                       std::set<base::TransportAddress>& relayed) {
  for (const base::Family family : {base::Family::IPv4, base::Family::IPv6}) {
    const turn::Relay* const relay = allocation.relay(family);
    if (relay == nullptr) {
      continue;
    }
    if (relay->expires <= view.now) {
      return "expired relayed address " + relay->external.to_string();
    }
    if (!relayed.insert(relay->external).second) {
      return "relayed address given twice: " + relay->external.to_string();
    }
    if (view.server.find_relayed(relay->external) != turn::RelayId{id, family}) {
      return "index of relayed addresses misses " + relay->external.to_string();
    }
    if (view.open_sockets.count(relay->local) == 0) {
      return "no socket for " + relay->local.to_string();
    }
    if (!view.ports.owner(relay->external)) {
      return "port is free though in use: " + relay->external.to_string();
    }
  }
  return allocation.has_relay() ? std::string() : "allocation without relayed address";
}

inline std::string violation_of(const ServerView& view,
                                turn::AllocationId id,
                                turn::Allocation& allocation,
                                std::set<base::TransportAddress>& relayed) {
  if (view.server.find_client(allocation.five_tuple) != id) {
    return "index of 5-tuples misses " + allocation.five_tuple.client.to_string();
  }
  const auto next = view.server.next_deadline();
  if (!next || *next > allocation.next_expiry()) {
    return "nothing wakes the server when " + allocation.five_tuple.client.to_string() + " expires";
  }
  for (const std::string& found : {violation_of_relays(view, id, allocation, relayed),
                                   violation_of_permissions(allocation, view.now),
                                   violation_of_channels(allocation, view.now)}) {
    if (!found.empty()) {
      return found;
    }
  }
  return {};
}

}  // namespace detail

/// The first thing that is wrong with a server between two calls, in words; empty when all holds.
inline std::string violation(const ServerView& view) {
  std::string found;
  std::set<base::TransportAddress> relayed;
  std::map<std::string, std::uint32_t> by_user;
  view.server.allocations().for_each([&](turn::AllocationId id, turn::Allocation& allocation) {
    ++by_user[allocation.identity.user];
    if (found.empty()) {
      found = detail::violation_of(view, id, allocation, relayed);
    }
  });
  if (!found.empty()) {
    return found;
  }
  const std::size_t allocations = view.server.allocations().size();
  if (view.open_sockets.size() != relayed.size()) {
    return "sockets without relayed address";
  }
  if (view.counters.allocations_live.value() != allocations) {
    return "counter of live allocations is wrong";
  }
  // A port that is in use without a relayed address is reserved; a reservation counts as an
  // allocation of its user.
  if (view.quota.total() != allocations + view.ports.in_use() - relayed.size()) {
    return "quota holds " + std::to_string(view.quota.total()) + " for " +
           std::to_string(allocations) + " allocations and " +
           std::to_string(view.ports.in_use() - relayed.size()) + " reservations";
  }
  for (const auto& [user, count] : by_user) {
    if (view.quota.count(user) < count) {
      return "quota of " + user + " is too small";
    }
  }
  return {};
}

/// The same once every lifetime is over: nothing may be left.
inline std::string leftover(const ServerView& view) {
  if (const std::string found = violation(view); !found.empty()) {
    return found;
  }
  if (view.server.allocations().size() != 0 || view.ports.in_use() != 0 ||
      view.quota.total() != 0) {
    return "allocations, ports or quota are left over";
  }
  return view.server.waiting_deadlines() == 0 ? std::string() : "deadlines are left over";
}

}  // namespace support
