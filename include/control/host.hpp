// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "control/config.hpp"
#include "turn/snapshot.hpp"

#include <memory>
#include <vector>

namespace control {

/// Addresses of this host's interfaces that are up, loopback and link-local included.
[[nodiscard]] std::vector<base::IpAddress> interface_addresses();

/// The relay addresses that the configuration means on a host with these addresses. "auto": the
/// listeners' own addresses when they name any, else every address but loopback and link-local
/// (loopback when there is no other). Fails with a sentence when none is left.
[[nodiscard]] base::Result<std::vector<turn::RelayAddress>, std::string> relay_addresses(
    const Config::Fixed& fixed, const std::vector<base::IpAddress>& own);

/// What workers serve by, from a checked configuration.
[[nodiscard]] std::shared_ptr<const turn::Snapshot> make_snapshot(
    const Config& config,
    const std::vector<base::IpAddress>& own,
    const std::vector<turn::RelayAddress>& relay,
    std::uint64_t generation);

}  // namespace control
