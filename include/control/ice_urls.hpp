// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config.hpp"
#include "turn/relay_address.hpp"

#include <string>
#include <vector>

namespace control {

/// URLs that clients are told (RFC 7065): `[ice] urls`, else made from the listeners, udp before
/// tcp, at most four. Their host is `[ice] host`, else the first external address, else the first
/// address that a listener names, else the first of `relay`. Listeners on port 0 have no URL, and
/// there is none at all without a host.
[[nodiscard]] std::vector<std::string> ice_urls(const Config& config,
                                                const std::vector<turn::RelayAddress>& relay);

}  // namespace control
