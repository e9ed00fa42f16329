// SPDX-License-Identifier: Apache-2.0
#include "relay/scratch.hpp"

#include "support/abort.hpp"
#include "support/test.hpp"

#include <algorithm>

using relay::Scratch;

TEST_GROUP(Scratch) {
  Scratch scratch;
};

TEST(Scratch, PiecesDoNotOverlap) {
  const base::MutableBytes first = scratch.take(100);
  const base::MutableBytes second = scratch.take(1);
  const base::MutableBytes third = scratch.take(0);
  CHECK_EQUAL(100U, first.size());
  CHECK_EQUAL(1U, second.size());
  CHECK_TRUE(third.empty());
  std::fill(first.begin(), first.end(), std::byte{1});
  second[0] = std::byte{2};
  CHECK_TRUE(
      std::all_of(first.begin(), first.end(), [](std::byte b) { return b == std::byte{1}; }));
}

TEST(Scratch, AllOfItCanBeTakenAndNoMore) {
  CHECK_TRUE(scratch.has_room(Scratch::kSize));
  CHECK_FALSE(scratch.has_room(Scratch::kSize + 1));
  static_cast<void>(scratch.take(Scratch::kSize - 1));
  CHECK_TRUE(scratch.has_room(1));
  CHECK_FALSE(scratch.has_room(2));
  CHECK_TRUE(support::aborts([this] { static_cast<void>(scratch.take(2)); }));
}

TEST(Scratch, ClearGivesAllOfItBack) {
  const std::byte* const first = scratch.take(Scratch::kSize).data();
  scratch.clear();
  CHECK_TRUE(scratch.has_room(Scratch::kSize));
  POINTERS_EQUAL(first, scratch.take(1).data());
}
