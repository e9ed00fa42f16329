// SPDX-License-Identifier: Apache-2.0
#include "relay/gather.hpp"

#include "support/test.hpp"

using base::Duration;
using base::Instant;
using relay::Gather;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

constexpr Duration kLongest = microseconds(100);

}  // namespace

/// Rates are made of moments that the test invents.
TEST_GROUP(Gather) {
  Gather gather{kLongest};
  Instant now{std::chrono::hours(1)};

  void setup() override {
    gather.on_turn(now);
  }

  /// `turns` turns, `interval` apart, with `count` datagrams each.
  void run(int turns, Duration interval, std::uint64_t count) {
    for (int i = 0; i < turns; ++i) {
      now += interval;
      gather.on_turn(now);
      gather.on_datagrams(count);
    }
  }

  bool waits() const {
    return gather.wait_until().has_value();
  }
};

TEST(Gather, DoesNotWaitBeforeItKnowsTheRate) {
  gather.on_datagrams(1'000'000);
  CHECK_FALSE(waits());
}

TEST(Gather, DoesNotWaitAtALowRate) {
  // 5,000 datagrams a second: half a one in 100 us.
  run(100, microseconds(200), 1);
  CHECK_FALSE(waits());
}

TEST(Gather, WaitsWhenAnotherDatagramIsToBeExpected) {
  // 20,000 a second: two in 100 us.
  run(200, microseconds(50), 1);
  CHECK_TRUE(waits());
}

TEST(Gather, OneExpectedDatagramIsTheBorder) {
  // Windows of 2 ms, exactly filled: 10,000 a second promise one in 100 us.
  run(5, milliseconds(2), 20);
  CHECK_TRUE(waits());
  run(5, milliseconds(2), 19);
  CHECK_FALSE(waits());
}

TEST(Gather, WaitsUntilItsLongestSinceTheTurnBegan) {
  run(200, microseconds(50), 1);
  CHECK_TRUE(gather.wait_until() == now + kLongest);
  // However long the turn took: at saturation that moment has passed and nothing is waited for.
  now += microseconds(10);
  gather.on_turn(now);
  CHECK_TRUE(gather.wait_until() == now + kLongest);
}

TEST(Gather, FirstTurnAfterAPauseDoesNotWait) {
  run(200, microseconds(50), 1);
  CHECK_TRUE(waits());
  run(1, std::chrono::seconds(1), 1);
  CHECK_FALSE(waits());
}

TEST(Gather, RateIsThatOfTheLastWholeWindow) {
  run(5, milliseconds(2), 100);
  CHECK_TRUE(waits());
  // A window that has only begun changes nothing yet.
  run(1, microseconds(1'999), 0);
  CHECK_TRUE(waits());
  run(2, milliseconds(2), 0);
  CHECK_FALSE(waits());
}

TEST(Gather, ZeroNeverWaits) {
  gather.set_longest(Duration::zero());
  run(200, microseconds(50), 100);
  CHECK_FALSE(waits());
}

TEST(Gather, LongestMayBeChanged) {
  // 5,000 a second: one in 200 us.
  run(100, microseconds(200), 1);
  CHECK_FALSE(waits());
  gather.set_longest(microseconds(250));
  CHECK_TRUE(gather.wait_until() == now + microseconds(250));
}
