// SPDX-License-Identifier: Apache-2.0
#include "turn/allocation_table.hpp"

#include "base/check.hpp"

namespace turn {

AllocationId AllocationTable::add(Allocation allocation) {
  const base::FiveTuple five_tuple = allocation.five_tuple;
  const AllocationId id = allocations_.emplace(std::move(allocation));
  CHECK(by_five_tuple_.emplace(five_tuple, id).second);
  return id;
}

void AllocationTable::remove(AllocationId id) {
  const Allocation* allocation = allocations_.find(id);
  CHECK(allocation != nullptr && !allocation->has_relay());
  by_five_tuple_.erase(allocation->five_tuple);
  allocations_.erase(id);
}

void AllocationTable::index_relay(AllocationId id, base::Family family) {
  const Relay* relay = allocations_.find(id)->relay(family);
  CHECK(by_relayed_.emplace(relay->external, RelayId{id, family}).second);
}

void AllocationTable::forget_relay(AllocationId id, base::Family family) {
  by_relayed_.erase(allocations_.find(id)->relay(family)->external);
}

std::optional<AllocationId> AllocationTable::find(const base::FiveTuple& five_tuple) const {
  const auto found = by_five_tuple_.find(five_tuple);
  return found == by_five_tuple_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<RelayId> AllocationTable::find_relay(const base::TransportAddress& external) const {
  const auto found = by_relayed_.find(external);
  return found == by_relayed_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace turn
