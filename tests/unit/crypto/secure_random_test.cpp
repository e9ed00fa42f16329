// SPDX-License-Identifier: Apache-2.0
#include "crypto/secure_random.hpp"

#include "support/hex.hpp"
#include "support/test.hpp"

#include <algorithm>
#include <set>

TEST_GROUP(SecureRandom) {
};

TEST(SecureRandom, FillsAllOfAnySizeAndNothingBehind) {
  crypto::SecureRandom random;
  for (const std::size_t size : {1U, 16U, 511U, 512U, 513U, 2000U}) {
    // A byte that stays as it was in 20 tries was not written (chance 2^-160 each).
    std::vector<bool> changed(size, false);
    for (int round = 0; round < 20; ++round) {
      auto bytes = support::repeated(0xA5, size + 4);
      random.fill(base::MutableBytes(bytes).first(size));
      for (std::size_t at = 0; at < size; ++at) {
        changed[at] = changed[at] || bytes[at] != std::byte{0xA5};
      }
      HEX_EQUAL("a5a5a5a5"_hex, base::Bytes(bytes).last(4));
    }
    CHECK_TRUE(std::all_of(changed.begin(), changed.end(), [](bool was) { return was; }));
  }
}

TEST(SecureRandom, FillOfNothingIsAllowed) {
  crypto::SecureRandom random;
  random.fill({});
  static_cast<void>(random.next_u32());
}

TEST(SecureRandom, NeverGivesTheSameBlockTwice) {
  crypto::SecureRandom one;
  crypto::SecureRandom other;
  std::set<std::string> seen;
  std::array<std::byte, 16> block{};
  for (int i = 0; i < 1'000; ++i) {
    one.fill(block);
    seen.insert(base::to_hex(block));
    other.fill(block);
    seen.insert(base::to_hex(block));
  }
  CHECK_EQUAL(std::size_t{2'000}, seen.size());
}
