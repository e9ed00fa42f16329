// SPDX-License-Identifier: Apache-2.0
#include "base/check.hpp"

#include "support/abort.hpp"
#include "support/test.hpp"

TEST_GROUP(Check) {
};

TEST(Check, TrueConditionGoesOnAndIsEvaluatedOnce) {
  int calls = 0;
  CHECK(++calls > 0);
  CHECK_EQUAL(1, calls);
}

TEST(Check, FalseConditionAborts) {
  CHECK_TRUE(support::aborts([] { CHECK(1 + 1 == 3); }));
}

TEST(Check, IsOneStatement) {
  bool reached = false;
  if (!reached)
    CHECK(true);
  else
    reached = true;
  CHECK_FALSE(reached);
}
