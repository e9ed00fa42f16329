// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"

namespace support {

/// Randomness that a test can foresee: every fill() is the next number, big-endian and small, so
/// that below() gives 0, relayed ports are taken from the first of their range on, and tokens all
/// differ.
class CountingRandom final : public base::RandomSource {
 public:
  void fill(base::MutableBytes out) override {
    std::uint32_t number = ++count_ * factor_;
    for (std::size_t at = out.size(); at > 0; --at) {
      out[at - 1] = static_cast<std::byte>(number & 0xFFU);
      number >>= 8U;
    }
  }

  void scatter() { factor_ = 0x9E3779B9U; }

 private:
  std::uint32_t count_ = 0;
  std::uint32_t factor_ = 1;
};

}  // namespace support
