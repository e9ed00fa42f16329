// SPDX-License-Identifier: Apache-2.0
#include "load/histogram.hpp"

#include <cstdint>

#include <CppUTest/TestHarness.h>

TEST_GROUP(LoadHistogram) {
};

TEST(LoadHistogram, EmptyOneGivesZeros) {
  const load::Histogram histogram;

  CHECK_EQUAL(0, histogram.percentile(50));
  CHECK_EQUAL(0, histogram.max());
  DOUBLES_EQUAL(0, histogram.mean(), 0);
}

TEST(LoadHistogram, SmallValuesAreExact) {
  load::Histogram histogram;
  for (int value = 1; value <= 10; ++value) {
    histogram.record(value);
  }

  CHECK_EQUAL(5, histogram.percentile(50));
  CHECK_EQUAL(9, histogram.percentile(90));
  CHECK_EQUAL(10, histogram.percentile(100));
  DOUBLES_EQUAL(5.5, histogram.mean(), 1e-9);
}

TEST(LoadHistogram, EveryMagnitudeIsKeptToOneInSixtyFour) {
  for (std::int64_t value = 1; value < std::int64_t{1} << 41; value = value * 3 + 1) {
    load::Histogram histogram;
    histogram.record(value);
    histogram.record(std::int64_t{1} << 42);

    const std::int64_t found = histogram.percentile(50);
    CHECK_TRUE(found >= value);
    CHECK_TRUE(found - value <= value / 64);
  }
}

TEST(LoadHistogram, PercentileNeverExceedsTheLargestValue) {
  load::Histogram histogram;
  histogram.record(1'000'001);

  CHECK_EQUAL(1'000'001, histogram.percentile(99.9));
}

TEST(LoadHistogram, ValuesOutsideTheRangeGoToItsEnds) {
  load::Histogram histogram;
  histogram.record(-5);
  histogram.record(INT64_MAX);

  CHECK_EQUAL(0, histogram.percentile(50));
  CHECK_EQUAL(INT64_MAX, histogram.max());
  CHECK_EQUAL(2U, histogram.count());
}
