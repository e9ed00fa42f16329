// SPDX-License-Identifier: Apache-2.0
#include "crypto/equal.hpp"

#include "support/hex.hpp"
#include "support/test.hpp"

TEST_GROUP(EqualInConstantTime) {
};

TEST(EqualInConstantTime, EqualBytesAreEqual) {
  CHECK_TRUE(crypto::equal_in_constant_time("010203"_hex, "010203"_hex));
  CHECK_TRUE(crypto::equal_in_constant_time({}, {}));
}

TEST(EqualInConstantTime, AnyDifferentBitIsSeen) {
  const auto left = support::repeated(0x5A, 20);
  for (std::size_t at = 0; at < left.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto right = left;
      right[at] ^= static_cast<std::byte>(1U << bit);
      CHECK_FALSE(crypto::equal_in_constant_time(left, right));
    }
  }
}

TEST(EqualInConstantTime, DifferentLengthsAreUnequal) {
  CHECK_FALSE(crypto::equal_in_constant_time("0102"_hex, "010203"_hex));
  CHECK_FALSE(crypto::equal_in_constant_time("010203"_hex, "0102"_hex));
  CHECK_FALSE(crypto::equal_in_constant_time({}, "00"_hex));
}
