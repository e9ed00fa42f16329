// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turn/relay_address.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// How quantities are written in the configuration and on the command line.

namespace control {

/// From a whole number and its unit: "100us", "20ms", "90s", "10m", "4h", "30d". A bare "0" needs
/// no unit. Nothing when it is not that, or does not fit.
[[nodiscard]] std::optional<std::chrono::microseconds> parse_time(std::string_view text);

/// The shortest exact text that parse_time reads back.
[[nodiscard]] std::string time_text(std::chrono::microseconds time);

/// Bytes, from "0", "512B", "64KiB", "1MiB", "2GiB", "1TiB" or, in powers of ten, "64kB", "50MB",
/// "50GB", "1TB".
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// Bits per second, from "0", "500bit", "64kbit", "3Mbit" or "1Gbit".
[[nodiscard]] std::optional<std::uint64_t> parse_rate(std::string_view text);

/// Ports from "49152-65535", both ends included. Only the form is judged: the first may be above
/// the last.
[[nodiscard]] std::optional<turn::PortRange> parse_ports(std::string_view text);

}  // namespace control
