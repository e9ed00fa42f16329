// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <array>

namespace base {

/// Where the pure layers get randomness from. The server's is cryptographically strong; tests seed
/// theirs.
class RandomSource {
 public:
  RandomSource() = default;
  RandomSource(const RandomSource&) = delete;
  RandomSource& operator=(const RandomSource&) = delete;
  RandomSource(RandomSource&&) = delete;
  RandomSource& operator=(RandomSource&&) = delete;
  virtual ~RandomSource() = default;

  virtual void fill(MutableBytes out) = 0;

  [[nodiscard]] std::uint32_t next_u32() {
    std::array<std::byte, 4> raw{};
    fill(raw);
    return load_u32(raw.data());
  }

  /// A number in [0, bound), near enough to uniform for ports (bias below bound / 2^32). bound > 0.
  [[nodiscard]] std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(next_u32()) * bound) >> 32U);
  }
};

}  // namespace base
