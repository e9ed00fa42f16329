// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

#include "support/test.hpp"

namespace {

enum class Refusal { TooSmall, TooLarge };

base::Result<int, Refusal> one_digit(int number) {
  if (number < 0) {
    return base::failure(Refusal::TooSmall);
  }
  const Refusal too_large = Refusal::TooLarge;
  if (number > 9) {
    return base::failure(too_large);
  }
  return number;
}

}  // namespace

TEST_GROUP(Result) {
};

TEST(Result, HoldsAValue) {
  CHECK_TRUE(one_digit(4).has_value());
  CHECK_EQUAL(4, *one_digit(4));
}

TEST(Result, HoldsTheReason) {
  CHECK_FALSE(one_digit(-1).has_value());
  CHECK_EQUAL(Refusal::TooSmall, one_digit(-1).error());
  CHECK_EQUAL(Refusal::TooLarge, one_digit(10).error());
}
