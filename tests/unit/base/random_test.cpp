// SPDX-License-Identifier: Apache-2.0
#include "base/random.hpp"

#include "support/hex.hpp"
#include "support/seeded_random.hpp"
#include "support/test.hpp"

#include <algorithm>

namespace {

/// Gives the bytes it was made with, then zeros.
class ScriptedRandom final : public base::RandomSource {
 public:
  explicit ScriptedRandom(std::vector<std::byte> script) : script_(std::move(script)) {}

  void fill(base::MutableBytes out) override {
    for (std::byte& byte : out) {
      byte = used_ < script_.size() ? script_[used_++] : std::byte{0};
    }
  }

 private:
  std::vector<std::byte> script_;
  std::size_t used_ = 0;
};

}  // namespace

TEST_GROUP(RandomSource) {
};

TEST(RandomSource, NumberIsMadeOfFourBytes) {
  ScriptedRandom random("01020304 05060708"_hex);
  CHECK_EQUAL(0x01020304U, random.next_u32());
  CHECK_EQUAL(0x05060708U, random.next_u32());
}

TEST(RandomSource, BelowReachesBothEndsAndNeverTheBound) {
  ScriptedRandom lowest("00000000"_hex);
  CHECK_EQUAL(0U, lowest.below(7));
  ScriptedRandom highest("ffffffff ffffffff ffffffff"_hex);
  CHECK_EQUAL(6U, highest.below(7));
  CHECK_EQUAL(0U, highest.below(1));
  CHECK_EQUAL(UINT32_MAX - 1, highest.below(UINT32_MAX));
}

TEST(RandomSource, BelowIsSpreadOverTheWholeRange) {
  support::SeededRandom random(3);
  std::array<int, 10> hits{};
  for (int i = 0; i < 10'000; ++i) {
    ++hits[random.below(10)];
  }
  for (const int count : hits) {
    CHECK_TRUE(count > 800 && count < 1200);
  }
}

TEST(RandomSource, SeedRepeatsWhateverTheSizesAskedFor) {
  support::SeededRandom whole(7);
  support::SeededRandom parts(7);
  std::array<std::byte, 29> left{};
  std::array<std::byte, 29> right{};
  whole.fill(left);
  parts.fill(base::MutableBytes(right).first(3));
  parts.fill(base::MutableBytes(right).subspan(3));
  HEX_EQUAL(left, right);
  support::SeededRandom other(8);
  other.fill(right);
  CHECK_FALSE(std::equal(left.begin(), left.end(), right.begin()));
}
