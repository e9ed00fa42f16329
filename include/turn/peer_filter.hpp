// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/cidr.hpp"
#include "turn/relay_address.hpp"

#include <optional>
#include <string>
#include <vector>

namespace turn {

/// What may be done with a peer.
enum class PeerVerdict : std::uint8_t {
  Allowed,     ///< Send by socket.
  OwnRelayed,  ///< One of this server's relayed addresses: handed over inside the process, never
               ///< sent.
  Forbidden,   ///< 403, or the datagram is dropped.
};

/// The one judge of peers, for every path that names one: CreatePermission, ChannelBind, Send and
/// ChannelData. IPv4 is a deny list of the special-purpose registries; of IPv6 only 2000::/3 is
/// allowed at all, less the special-purpose ranges in it. docs/adr/0010-peer-rules.md.
class PeerFilter {
 public:
  struct Rules {
    std::vector<base::Cidr> allow;  ///< Ranges of the built-in list that are open all the same.
    std::vector<base::Cidr> deny;   ///< Ranges denied besides.
    std::vector<base::IpAddress>
        own;  ///< Addresses of this host: its other services are not peers.
    std::vector<RelayAddress> relay;
    PortRange relay_ports;
  };

  PeerFilter() = default;

  explicit PeerFilter(Rules rules) : rules_(std::move(rules)) {}

  /// Judges a peer's transport address.
  [[nodiscard]] PeerVerdict judge(const base::TransportAddress& peer) const;

  /// Judges the address of a permission, which has no port (RFC 8656 §9). OwnRelayed: the
  /// permission may stand, its datagrams are judged one by one.
  [[nodiscard]] PeerVerdict judge_permission(const base::IpAddress& ip) const;

  /// The form of a peer's address that tables are keyed by: a relay address behind 1:1 NAT becomes
  /// its external one.
  [[nodiscard]] base::TransportAddress canonical(const base::TransportAddress& peer) const;

  /// The external form of one of our relay addresses; any other address as it is.
  [[nodiscard]] base::IpAddress canonical_ip(const base::IpAddress& ip) const;

  /// The built-in range that holds this address, as text for logs; nothing when it is an ordinary
  /// address.
  [[nodiscard]] static std::optional<std::string> special_purpose_range(const base::IpAddress& ip);

  /// Teredo and 6to4, as a client's address: RFC 8656 §21.4.
  [[nodiscard]] static bool is_tunnelled(const base::IpAddress& ip);

  /// Ranges that no configuration opens: unspecified, multicast, and every embedding of IPv4 in
  /// IPv6 that some stack decodes by itself.
  [[nodiscard]] static bool can_never_open(const base::Cidr& range);

 private:
  [[nodiscard]] PeerVerdict judge_foreign(const base::IpAddress& ip) const;
  [[nodiscard]] bool is_relay(const base::IpAddress& ip) const;
  [[nodiscard]] bool is_own(const base::IpAddress& ip) const;

  Rules rules_;
};

}  // namespace turn
