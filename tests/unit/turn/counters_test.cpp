// SPDX-License-Identifier: Apache-2.0
#include "turn/counters.hpp"

#include "support/test.hpp"

#include <set>

namespace {
using turn::DropReason;
}

TEST_GROUP(Counters) {
};

TEST(Counters, CountUpAndDown) {
  turn::Counter counter;
  counter.add();
  counter.add(5);
  counter.subtract();
  CHECK_EQUAL(5U, counter.value());
  counter.subtract(5);
  CHECK_EQUAL(0U, counter.value());
}

TEST(Counters, EachReasonHasItsOwn) {
  turn::Counters counters;
  counters.drop(DropReason::NotStun);
  counters.drop(DropReason::QueueFull, 3);
  CHECK_EQUAL(1U, counters.dropped(DropReason::NotStun));
  CHECK_EQUAL(3U, counters.dropped(DropReason::QueueFull));
  CHECK_EQUAL(0U, counters.dropped(DropReason::TooShort));
}

TEST(Counters, EachReasonHasANameOfItsOwnThatMetricsCanCarry) {
  std::set<std::string> names;
  for (int number = 0; number < static_cast<int>(DropReason::Count); ++number) {
    const std::string name(turn::to_text(static_cast<DropReason>(number)));
    CHECK_TRUE(name.size() > 3);
    CHECK_EQUAL(std::string::npos, name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"));
    names.insert(name);
  }
  CHECK_EQUAL(static_cast<std::size_t>(DropReason::Count), names.size());
  CHECK_EQUAL(std::string("?"), std::string(turn::to_text(DropReason::Count)));
}
