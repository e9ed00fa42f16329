// SPDX-License-Identifier: Apache-2.0
#include "base/strong.hpp"

#include "support/test.hpp"

namespace {
using Metres = base::Strong<struct MetresTag, int>;
using Seconds = base::Strong<struct SecondsTag, int>;

template <typename Left, typename Right>
concept Comparable = requires(Left left, Right right) {
  left == right;
};

static_assert(!std::is_convertible_v<int, Metres>);
static_assert(!std::is_convertible_v<Metres, int>);
static_assert(!std::is_convertible_v<Metres, Seconds>);
static_assert(Comparable<Metres, Metres>);
static_assert(!Comparable<Metres, Seconds>);
static_assert(!Comparable<Metres, int>);
static_assert(sizeof(Metres) == sizeof(int));
}  // namespace

TEST_GROUP(Strong) {
};

TEST(Strong, ComparesByValue) {
  CHECK_TRUE(Metres(1) == Metres(1));
  CHECK_TRUE(Metres(1) != Metres(2));
  CHECK_TRUE(Metres(1) < Metres(2));
  CHECK_EQUAL(7, Metres(7).value());
}

TEST(Strong, StartsAtZero) {
  CHECK_EQUAL(0, Metres().value());
}
