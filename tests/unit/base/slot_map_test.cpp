// SPDX-License-Identifier: Apache-2.0
#include "base/slot_map.hpp"

#include "support/abort.hpp"
#include "support/seeded_random.hpp"
#include "support/test.hpp"

#include <memory>
#include <unordered_set>

namespace {

using Map = base::SlotMap<std::unique_ptr<int>>;

/// Counts how many of its kind live.
struct Counted {
  explicit Counted(int& live) : live(&live) { ++live; }

  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  ~Counted() { --*live; }

  int* live;
};

}  // namespace

TEST_GROUP(SlotMap) {
};

TEST(SlotMap, FindsWhatWasPut) {
  base::SlotMap<std::string> map;
  const auto first = map.emplace("one");
  const auto second = map.emplace(3, 'x');
  CHECK_EQUAL(std::string("one"), *map.find(first));
  CHECK_EQUAL(std::string("xxx"), *map.find(second));
  CHECK_EQUAL(std::size_t{2}, map.size());
  CHECK_TRUE(first != second);
}

TEST(SlotMap, IdThatWasNeverGivenFindsNothing) {
  Map map;
  POINTERS_EQUAL(nullptr, map.find({}));
  POINTERS_EQUAL(nullptr, map.find({0, 1}));
  const auto id = map.emplace(std::make_unique<int>(1));
  POINTERS_EQUAL(nullptr, map.find({}));
  POINTERS_EQUAL(nullptr, map.find({id.index, id.generation + 1}));
  POINTERS_EQUAL(nullptr, map.find({id.index + 1, id.generation}));
  POINTERS_EQUAL(nullptr, map.find({id.index + 64, id.generation}));
}

TEST(SlotMap, ErasedIdFindsNothingThoughItsSlotIsUsedAgain) {
  Map map;
  const auto old_id = map.emplace(std::make_unique<int>(1));
  map.erase(old_id);
  POINTERS_EQUAL(nullptr, map.find(old_id));
  CHECK_EQUAL(std::size_t{0}, map.size());
  const auto new_id = map.emplace(std::make_unique<int>(2));
  CHECK_EQUAL(old_id.index, new_id.index);
  POINTERS_EQUAL(nullptr, map.find(old_id));
  CHECK_EQUAL(2, **map.find(new_id));
}

TEST(SlotMap, EraseDestroysAtOnceAndTheMapDestroysTheRest) {
  int live = 0;
  {
    base::SlotMap<Counted> map;
    const auto id = map.emplace(live);
    static_cast<void>(map.emplace(live));
    CHECK_EQUAL(2, live);
    map.erase(id);
    CHECK_EQUAL(1, live);
  }
  CHECK_EQUAL(0, live);
}

TEST(SlotMap, EraseOfAStaleIdIsABug) {
  CHECK_TRUE(support::aborts([] {
    Map map;
    const auto id = map.emplace(std::make_unique<int>(1));
    map.erase(id);
    map.erase(id);
  }));
}

TEST(SlotMap, AddressesStayWhileTheMapGrows) {
  base::SlotMap<int> map;
  const auto id = map.emplace(42);
  const int* before = map.find(id);
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(map.emplace(i));
  }
  POINTERS_EQUAL(before, map.find(id));
  CHECK_EQUAL(42, *before);
  CHECK_EQUAL(std::size_t{1001}, map.size());
}

TEST(SlotMap, FreedSlotsAreUsedBeforeTheMapGrows) {
  base::SlotMap<int> map;
  std::uint32_t highest = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto id = map.emplace(i);
    highest = std::max(highest, id.index);
    map.erase(id);
  }
  CHECK_TRUE(highest < 64);
}

TEST(SlotMap, VisitsEveryLiveObjectInTheOrderOfSlots) {
  base::SlotMap<int> map;
  std::vector<base::SlotMap<int>::Id> ids;
  for (int i = 0; i < 130; ++i) {
    ids.push_back(map.emplace(i));
  }
  map.erase(ids[0]);
  map.erase(ids[64]);
  map.erase(ids[129]);
  std::vector<int> seen;
  map.for_each([&](auto id, int& value) {
    POINTERS_EQUAL(&value, map.find(id));
    seen.push_back(value);
  });
  std::vector<int> expected;
  for (int i = 0; i < 130; ++i) {
    if (i != 0 && i != 64 && i != 129) {
      expected.push_back(i);
    }
  }
  CHECK_EQUAL(expected, seen);
}

TEST(SlotMap, VisitorMayEraseWhatItIsShown) {
  base::SlotMap<int> map;
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(map.emplace(i));
  }
  map.for_each([&](auto id, const int& value) {
    if (value % 2 == 0) {
      map.erase(id);
    }
  });
  CHECK_EQUAL(std::size_t{50}, map.size());
}

TEST(SlotMap, ConstMapFindsToo) {
  base::SlotMap<int> map;
  const auto id = map.emplace(5);
  const auto& read_only = map;
  CHECK_EQUAL(5, *read_only.find(id));
}

TEST(SlotMap, IdsHashByIndexAndGeneration) {
  using Id = base::SlotMap<int>::Id;
  const std::unordered_set<Id> ids = {Id{1, 1}, Id{1, 2}, Id{2, 1}, Id{1, 1}};
  CHECK_EQUAL(std::size_t{3}, ids.size());
  CHECK_TRUE(std::hash<Id>{}({1, 2}) != std::hash<Id>{}({2, 1}));
}

TEST(SlotMap, AgreesWithAModelOverRandomSteps) {
  support::SeededRandom random(1);
  base::SlotMap<std::uint32_t> map;
  std::vector<std::pair<base::SlotMap<std::uint32_t>::Id, std::uint32_t>> live;
  std::vector<base::SlotMap<std::uint32_t>::Id> gone;
  for (int step = 0; step < 5'000; ++step) {
    if (live.empty() || random.one_in(2)) {
      const std::uint32_t value = random.next_u32();
      live.emplace_back(map.emplace(value), value);
    } else {
      const std::size_t at = random.below(static_cast<std::uint32_t>(live.size()));
      map.erase(live[at].first);
      gone.push_back(live[at].first);
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(at));
    }
    CHECK_EQUAL(live.size(), map.size());
  }
  for (const auto& [id, value] : live) {
    CHECK_EQUAL(value, *map.find(id));
  }
  for (const auto& id : gone) {
    POINTERS_EQUAL(nullptr, map.find(id));
  }
}
