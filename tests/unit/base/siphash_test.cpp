// SPDX-License-Identifier: Apache-2.0
#include "base/siphash.hpp"

#include "support/hex.hpp"
#include "support/test.hpp"
#include "support/vectors.hpp"

#include <charconv>

TEST_GROUP(SipHash) {
  static std::vector<std::byte> counting(std::size_t count) {
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i < count; ++i) {
      bytes.push_back(static_cast<std::byte>(i));
    }
    return bytes;
  }

  static std::uint64_t hex_number(const std::string& text) {
    std::uint64_t number = 0;
    static_cast<void>(std::from_chars(text.data(), text.data() + text.size(), number, 16));
    return number;
  }
};

TEST(SipHash, MatchesTheIndependentModelAtEveryLengthOfABlock) {
  const base::SipKey zero_key{};
  const base::SipKey counting_key{0x0706050403020100, 0x0F0E0D0C0B0A0908};
  const auto rows = support::vector_table("siphash13.txt", ' ');
  CHECK_EQUAL(std::size_t{64}, rows.size());
  for (std::size_t length = 0; length < rows.size(); ++length) {
    CHECK_EQUAL(std::to_string(length), rows[length][0]);
    CHECK_EQUAL(hex_number(rows[length][1]), base::siphash(zero_key, counting(length)));
    CHECK_EQUAL(hex_number(rows[length][2]), base::siphash(counting_key, counting(length)));
  }
}

TEST(SipHash, EitherHalfOfTheKeyMatters) {
  const auto data = "c0000201"_hex;
  const std::uint64_t hash = base::siphash({1, 2}, data);
  CHECK_TRUE(hash != base::siphash({1, 3}, data));
  CHECK_TRUE(hash != base::siphash({3, 2}, data));
  CHECK_TRUE(hash != base::siphash({2, 1}, data));
  CHECK_EQUAL(hash, base::siphash({1, 2}, data));
}

TEST(SipHash, LengthIsPartOfTheHash) {
  // Zeros fill the last block, so only the length tells these apart.
  CHECK_TRUE(base::siphash({1, 2}, "00"_hex) != base::siphash({1, 2}, "0000"_hex));
  CHECK_TRUE(base::siphash({1, 2}, {}) != base::siphash({1, 2}, "00"_hex));
}
