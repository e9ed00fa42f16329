// SPDX-License-Identifier: Apache-2.0
#include "turn/allocation_table.hpp"

#include "support/abort.hpp"
#include "support/test.hpp"

#include <set>

namespace {

using base::Family;
using base::FiveTuple;
using base::TransportAddress;
using turn::Allocation;
using turn::AllocationId;
using turn::AllocationTable;

FiveTuple tuple(std::uint16_t port) {
  return {{*base::IpAddress::parse("198.51.100.1"), port},
          *TransportAddress::parse("192.0.2.1:3478")};
}

TransportAddress relayed(std::uint16_t port) {
  return {*base::IpAddress::parse("192.0.2.10"), port};
}

Allocation allocation(std::uint16_t port, bool has_relay = true) {
  Allocation made;
  made.five_tuple = tuple(port);
  if (has_relay) {
    made.relays[0] = turn::Relay{0, relayed(port), relayed(port), {}};
  }
  return made;
}

}  // namespace

TEST_GROUP(AllocationTable) {
  AllocationTable table;

  AllocationId add_indexed(std::uint16_t port) {
    const AllocationId id = table.add(allocation(port));
    table.index_relay(id, Family::IPv4);
    return id;
  }

  void remove_indexed(AllocationId id) {
    table.forget_relay(id, Family::IPv4);
    table.get(id)->relays[0].reset();
    table.remove(id);
  }
};

TEST(AllocationTable, EmptyFindsNothing) {
  CHECK_FALSE(table.find(tuple(1)).has_value());
  CHECK_FALSE(table.find_relay(relayed(1)).has_value());
  POINTERS_EQUAL(nullptr, table.get({}));
  CHECK_EQUAL(0U, table.size());
}

TEST(AllocationTable, FindsByFiveTupleAndByRelayedAddress) {
  const AllocationId id = add_indexed(1);
  CHECK_TRUE(table.find(tuple(1)) == id);
  CHECK_TRUE(table.find_relay(relayed(1)) == (turn::RelayId{id, Family::IPv4}));
  CHECK_TRUE(table.get(id)->five_tuple == tuple(1));
  const AllocationTable& read_only = table;
  POINTERS_EQUAL(table.get(id), read_only.get(id));
  CHECK_FALSE(table.find(tuple(2)).has_value());
  CHECK_FALSE(table.find_relay(relayed(2)).has_value());
}

TEST(AllocationTable, RemovedOneIsNowhere) {
  const AllocationId first = add_indexed(1);
  const AllocationId second = add_indexed(2);
  remove_indexed(first);
  CHECK_FALSE(table.find(tuple(1)).has_value());
  CHECK_FALSE(table.find_relay(relayed(1)).has_value());
  POINTERS_EQUAL(nullptr, table.get(first));
  CHECK_TRUE(table.find(tuple(2)) == second);
  CHECK_EQUAL(1U, table.size());
}

TEST(AllocationTable, RelayedAddressMayBeForgottenAlone) {
  const AllocationId id = add_indexed(1);
  table.forget_relay(id, Family::IPv4);
  CHECK_FALSE(table.find_relay(relayed(1)).has_value());
  CHECK_TRUE(table.find(tuple(1)) == id);
}

TEST(AllocationTable, EachIsVisitedOnce) {
  std::set<std::uint16_t> expected;
  for (std::uint16_t port = 1; port <= 200; ++port) {
    const AllocationId id = add_indexed(port);
    if (port % 3 == 0) {
      remove_indexed(id);
    } else {
      expected.insert(port);
    }
  }
  std::multiset<std::uint16_t> seen;
  table.for_each([&](AllocationId id, Allocation& each) {
    POINTERS_EQUAL(&each, table.get(id));
    seen.insert(each.five_tuple.client.port);
  });
  CHECK_EQUAL(expected.size(), seen.size());
  CHECK_EQUAL(expected, (std::set<std::uint16_t>(seen.begin(), seen.end())));
}

TEST(AllocationTable, BreakingItsRulesIsABug) {
  CHECK_TRUE(support::aborts([this] {
    static_cast<void>(table.add(allocation(1)));
    static_cast<void>(table.add(allocation(1)));
  }));
  CHECK_TRUE(support::aborts([this] {
    static_cast<void>(add_indexed(1));
    const AllocationId other = table.add(allocation(2));
    table.get(other)->relays[0]->external = relayed(1);
    table.index_relay(other, Family::IPv4);
  }));
  CHECK_TRUE(support::aborts([this] { table.remove(add_indexed(1)); }));
  CHECK_TRUE(support::aborts([this] { table.remove({}); }));
}
