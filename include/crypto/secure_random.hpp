// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"

#include <array>

namespace crypto {

/// Randomness of OpenSSL's generator, drawn in blocks: one call into OpenSSL for many small
/// numbers.
class SecureRandom final : public base::RandomSource {
 public:
  void fill(base::MutableBytes out) override;

 private:
  std::array<std::byte, 512> block_{};
  std::size_t used_ = block_.size();
};

}  // namespace crypto
