// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"

#include <cstdint>

namespace support {

/// Randomness that a seed repeats on any machine (SplitMix64). Never for the server.
class SeededRandom final : public base::RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  void fill(base::MutableBytes out) override {
    for (std::byte& byte : out) {
      if (left_ == 0) {
        word_ = next_word();
        left_ = sizeof word_;
      }
      byte = static_cast<std::byte>(word_ & 0xFFU);
      word_ >>= 8U;
      --left_;
    }
  }

  /// True once in `odds` calls on the average.
  [[nodiscard]] bool one_in(std::uint32_t odds) { return below(odds) == 0; }

 private:
  std::uint64_t next_word() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31U);
  }

  std::uint64_t state_;
  std::uint64_t word_ = 0;
  unsigned left_ = 0;
};

}  // namespace support
