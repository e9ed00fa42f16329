// SPDX-License-Identifier: Apache-2.0
#include "control/units.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace control {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::uint64_t kSecond = 1'000'000;

// Largest first: time_text takes the first that divides.
constexpr std::array<Unit, 6> kTimes = {{{"d", 86'400 * kSecond},
                                         {"h", 3'600 * kSecond},
                                         {"m", 60 * kSecond},
                                         {"s", kSecond},
                                         {"ms", 1'000},
                                         {"us", 1}}};
constexpr std::array<Unit, 9> kSizes = {{{"B", 1},
                                         {"KiB", 1ULL << 10U},
                                         {"MiB", 1ULL << 20U},
                                         {"GiB", 1ULL << 30U},
                                         {"TiB", 1ULL << 40U},
                                         {"kB", 1'000},
                                         {"MB", 1'000'000},
                                         {"GB", 1'000'000'000},
                                         {"TB", 1'000'000'000'000}}};
constexpr std::array<Unit, 4> kRates = {
    {{"bit", 1}, {"kbit", 1'000}, {"Mbit", 1'000'000}, {"Gbit", 1'000'000'000}}};

template <std::size_t N>
std::optional<std::uint64_t> parse_quantity(std::string_view text,
                                            const std::array<Unit, N>& units) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) {
    return std::nullopt;
  }
  const std::string_view name(rest, static_cast<std::size_t>(end - rest));
  if (name.empty() && number == 0) {
    return 0;
  }
  for (const Unit& unit : units) {
    // Kept below the signed limit, so that every quantity fits into std::chrono's numbers.
    if (unit.name == name && number <= std::numeric_limits<std::int64_t>::max() / unit.factor) {
      return number * unit.factor;
    }
  }
  return std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || rest != end) {
    return std::nullopt;
  }
  return port;
}

}  // namespace

std::optional<std::chrono::microseconds> parse_time(std::string_view text) {
  const auto quantity = parse_quantity(text, kTimes);
  if (!quantity) {
    return std::nullopt;
  }
  return std::chrono::microseconds(static_cast<std::int64_t>(*quantity));
}

std::string time_text(std::chrono::microseconds time) {
  const auto count = static_cast<std::uint64_t>(time.count());
  for (const Unit& unit : kTimes) {
    if (count != 0 && count % unit.factor == 0) {
      return std::to_string(count / unit.factor) + std::string(unit.name);
    }
  }
  return "0";
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_quantity(text, kSizes);
}

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  return parse_quantity(text, kRates);
}

std::optional<turn::PortRange> parse_ports(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto first = parse_port(text.substr(0, dash));
  const auto last = parse_port(text.substr(dash + 1));
  if (!first || !last) {
    return std::nullopt;
  }
  return turn::PortRange{*first, *last};
}

}  // namespace control
