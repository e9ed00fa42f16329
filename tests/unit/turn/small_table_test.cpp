// SPDX-License-Identifier: Apache-2.0
#include "turn/small_table.hpp"

#include "support/seeded_random.hpp"
#include "support/test.hpp"

#include <functional>
#include <map>
#include <optional>

namespace {

struct Entry {
  int number;
  std::string name;
  int value = 0;
};

struct ByNumber {
  const int& operator()(const Entry& entry) const { return entry.number; }
};

struct ByName {
  const std::string& operator()(const Entry& entry) const { return entry.name; }
};

using Table = turn::SmallTable<Entry, ByNumber, ByName>;

std::string name_of(int number) {
  return "n" + std::to_string(number);
}

}  // namespace

TEST_GROUP(SmallTable) {
  Table table;

  void fill(int count) {
    for (int i = 0; i < count; ++i) {
      table.add({i, name_of(i), i * 10});
    }
  }

  /// Both keys of every number from 0 on find what they should.
  void holds(int numbers, const std::function<bool(int)>& is_in) {
    for (int i = 0; i < numbers; ++i) {
      const Entry* by_number = table.find<ByNumber>(i);
      const Entry* by_name = table.find<ByName>(name_of(i));
      POINTERS_EQUAL(by_number, by_name);
      CHECK_EQUAL(is_in(i), by_number != nullptr);
      CHECK_TRUE(by_number == nullptr || by_number->value == i * 10);
    }
  }
};

TEST(SmallTable, EmptyFindsNothing) {
  POINTERS_EQUAL(nullptr, table.find<ByNumber>(1));
  POINTERS_EQUAL(nullptr, table.find<ByName>("n1"));
  CHECK_EQUAL(std::size_t{0}, table.size());
}

TEST(SmallTable, FindsByEachKeyWhateverItsSize) {
  // 8 are scanned, 9 are indexed.
  for (int count = 1; count <= 20; ++count) {
    table = Table();
    fill(count);
    CHECK_EQUAL(static_cast<std::size_t>(count), table.size());
    holds(25, [&](int i) { return i < count; });
  }
}

TEST(SmallTable, RemovesWhatIsToGoAndCountsIt) {
  for (const int count : {5, 8, 9, 50}) {
    table = Table();
    fill(count);
    const std::size_t removed =
        table.remove_if([](const Entry& entry) { return entry.number % 2 == 0; });
    CHECK_EQUAL(static_cast<std::size_t>((count + 1) / 2), removed);
    holds(count, [](int i) { return i % 2 == 1; });
    CHECK_EQUAL(std::size_t{0}, table.remove_if([](const Entry&) { return false; }));
    holds(count, [](int i) { return i % 2 == 1; });
  }
}

TEST(SmallTable, ShrinksToAScanAndGrowsAgain) {
  fill(50);
  CHECK_EQUAL(std::size_t{48},
              table.remove_if([](const Entry& entry) { return entry.number >= 2; }));
  holds(50, [](int i) { return i < 2; });
  for (int i = 2; i < 30; ++i) {
    table.add({i, name_of(i), i * 10});
  }
  holds(50, [](int i) { return i < 30; });
}

TEST(SmallTable, ValuesMayBeChangedInPlace) {
  fill(12);
  table.find<ByNumber>(7)->value = 1;
  CHECK_EQUAL(1, table.find<ByName>("n7")->value);
  for (Entry& entry : table.entries()) {
    entry.value = 2;
  }
  CHECK_EQUAL(2, table.find<ByNumber>(11)->value);
}

TEST(SmallTable, ConstTableFindsToo) {
  fill(12);
  const Table& read_only = table;
  CHECK_EQUAL(30, read_only.find<ByNumber>(3)->value);
  CHECK_EQUAL(std::size_t{12}, read_only.entries().size());
}

TEST(SmallTable, AgreesWithAMapOverRandomSteps) {
  support::SeededRandom random(6);
  std::map<int, int> model;
  for (int step = 0; step < 3'000; ++step) {
    const int number = static_cast<int>(random.below(40));
    if (random.one_in(8)) {
      const int from = static_cast<int>(random.below(40));
      table.remove_if([&](const Entry& entry) { return entry.number >= from; });
      model.erase(model.lower_bound(from), model.end());
    } else if (model.emplace(number, number * 10).second) {
      table.add({number, name_of(number), number * 10});
    }
    CHECK_EQUAL(model.size(), table.size());
    holds(40, [&](int i) { return model.count(i) == 1; });
  }
}
