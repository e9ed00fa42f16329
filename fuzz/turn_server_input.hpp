// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace fuzz {

/// The fuzzer's bytes, taken from the front. Past the end there are zeros only.
class Input {
 public:
  explicit Input(base::Bytes bytes) : rest_(bytes) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }

  std::uint8_t take() {
    if (rest_.empty()) {
      return 0;
    }
    const auto first = std::to_integer<std::uint8_t>(rest_[0]);
    rest_ = rest_.subspan(1);
    return first;
  }

  base::Bytes take_bytes(std::size_t count) {
    const base::Bytes taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  /// One of a table's entries.
  template <typename Table>
  const auto& pick(const Table& table) {
    return table[take() % std::size(table)];
  }

 private:
  base::Bytes rest_;
};

/// Peers that requests and datagrams name: ordinary ones, forbidden ones, our own addresses in
/// every form.
inline constexpr std::array<std::string_view, 20> kPeers = {
    "9.9.9.9:7000",        "9.9.9.9:7001",      "8.8.8.8:53",       "[2a00::9]:7000",
    "[2a00::9]:7001",      "127.0.0.1:80",      "10.0.0.1:80",      "169.254.169.254:80",
    "0.0.0.0:0",           "255.255.255.255:1", "[::1]:80",         "[::ffff:9.9.9.9]:1",
    "[64:ff9b::a00:1]:80", "[2002:7f00:1::]:1", "192.0.2.10:50000", "192.0.2.10:50001",
    "192.0.2.10:3478",     "10.0.0.5:50000",    "192.0.2.5:50000",  "[2001:db8::10]:50000"};

inline constexpr std::array<std::uint32_t, 8> kLifetimes = {
    0, 1, 599, 600, 601, 1'800, 3'600, UINT32_MAX};

/// Jumps of time in seconds, around every lifetime that the core knows.
inline constexpr std::array<int, 12> kJumps = {
    0, 1, 29, 30, 31, 299, 300, 301, 599, 600, 3'600, 7'200};

}  // namespace fuzz
