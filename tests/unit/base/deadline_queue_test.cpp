// SPDX-License-Identifier: Apache-2.0
#include "base/deadline_queue.hpp"

#include "support/seeded_random.hpp"
#include "support/test.hpp"

#include <set>

namespace {

using base::Instant;
using std::chrono::seconds;

Instant at(int second) {
  return Instant{seconds{second}};
}

}  // namespace

TEST_GROUP(DeadlineQueue) {
  base::DeadlineQueue<int> queue;

  std::vector<int> pop_all(Instant now) {
    std::vector<int> ids;
    while (const auto id = queue.pop_due(now)) {
      ids.push_back(*id);
    }
    return ids;
  }
};

TEST(DeadlineQueue, EmptyHasNoNext) {
  CHECK_FALSE(queue.next().has_value());
  CHECK_FALSE(queue.pop_due(Instant::max()).has_value());
  CHECK_EQUAL(std::size_t{0}, queue.size());
}

TEST(DeadlineQueue, GivesTheEarliestFirst) {
  queue.push(at(30), 3);
  queue.push(at(10), 1);
  queue.push(at(20), 2);
  CHECK_EQUAL(std::optional(at(10)), queue.next());
  CHECK_EQUAL((std::vector{1, 2, 3}), pop_all(at(100)));
  CHECK_FALSE(queue.next().has_value());
}

TEST(DeadlineQueue, GivesNothingBeforeItIsDueAndAllOfItAtTheMoment) {
  queue.push(at(10), 1);
  queue.push(at(11), 2);
  CHECK_FALSE(queue.pop_due(at(10) - base::Duration{1}).has_value());
  CHECK_EQUAL((std::vector{1}), pop_all(at(10)));
  CHECK_EQUAL(std::optional(at(11)), queue.next());
  CHECK_EQUAL((std::vector{2}), pop_all(at(11)));
}

TEST(DeadlineQueue, SameIdMayWaitSeveralTimes) {
  queue.push(at(10), 1);
  queue.push(at(10), 1);
  queue.push(at(5), 1);
  CHECK_EQUAL(std::size_t{3}, queue.size());
  CHECK_EQUAL((std::vector{1, 1, 1}), pop_all(at(10)));
}

TEST(DeadlineQueue, OwnerMayPushAgainWhileDueOnesAreTaken) {
  queue.push(at(10), 1);
  queue.push(at(10), 2);
  CHECK_TRUE(queue.pop_due(at(10)).has_value());
  queue.push(at(12), 9);
  CHECK_EQUAL(std::size_t{1}, pop_all(at(10)).size());
  CHECK_EQUAL((std::vector{9}), pop_all(at(12)));
}

TEST(DeadlineQueue, PrunedEntriesAreGoneAndTheOthersKeepTheirOrder) {
  for (int i = 99; i >= 0; --i) {
    queue.push(at(i), i);
  }
  queue.prune([](Instant due, int id) { return due >= at(50) || id % 2 == 0; });
  CHECK_EQUAL(std::size_t{25}, queue.size());
  CHECK_EQUAL(std::optional(at(1)), queue.next());
  std::vector<int> odd;
  for (int i = 1; i < 50; i += 2) {
    odd.push_back(i);
  }
  CHECK_EQUAL(odd, pop_all(at(100)));
  queue.prune([](Instant, int) { return true; });
  CHECK_EQUAL(std::size_t{0}, queue.size());
}

TEST(DeadlineQueue, OrderHoldsOverRandomPushesAndPops) {
  support::SeededRandom random(2);
  std::multiset<int> model;
  int now = 0;
  for (int step = 0; step < 5'000; ++step) {
    if (random.one_in(3)) {
      now += static_cast<int>(random.below(5));
      while (const auto id = queue.pop_due(at(now))) {
        CHECK_EQUAL(*model.begin(), *id);
        model.erase(model.begin());
      }
      CHECK_TRUE(model.empty() || *model.begin() > now);
    } else {
      const int due = now + static_cast<int>(random.below(100));
      queue.push(at(due), due);
      model.insert(due);
    }
    CHECK_EQUAL(model.size(), queue.size());
  }
}
