// SPDX-License-Identifier: Apache-2.0
#include "base/lock_guarded.hpp"

#include "support/test.hpp"

#include <thread>
#include <vector>

TEST_GROUP(LockGuarded) {
};

TEST(LockGuarded, GivesWhatTheUserReturns) {
  base::LockGuarded<std::vector<int>> guarded(std::vector{1, 2});
  guarded.with([](auto& value) { value.push_back(3); });
  CHECK_EQUAL(std::size_t{3}, guarded.with([](const auto& value) { return value.size(); }));
}

TEST(LockGuarded, LosesNoUpdateOfTwoThreads) {
  base::LockGuarded<int> guarded;
  const auto count = [&] {
    for (int i = 0; i < 10'000; ++i) {
      guarded.with([](int& value) { ++value; });
    }
  };
  std::thread other(count);
  count();
  other.join();
  CHECK_EQUAL(20'000, guarded.with([](const int& value) { return value; }));
}
