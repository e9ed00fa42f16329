// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"

namespace turn {

/// An address of this host that relays, and the one that clients and peers know it by (1:1 NAT;
/// else the same).
struct RelayAddress {
  base::IpAddress local;
  base::IpAddress external;

  friend bool operator==(const RelayAddress&, const RelayAddress&) = default;
};

/// Ports of relayed transport addresses, both ends included.
struct PortRange {
  std::uint16_t first = 49152;
  std::uint16_t last = 65535;

  [[nodiscard]] bool contains(std::uint16_t port) const { return port >= first && port <= last; }

  friend bool operator==(const PortRange&, const PortRange&) = default;
};

}  // namespace turn
