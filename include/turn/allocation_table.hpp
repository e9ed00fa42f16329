// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/slot_map.hpp"
#include "turn/allocation.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace turn {

/// The allocations of one worker and their indexes by 5-tuple and by relayed address, changed only
/// together.
class AllocationTable {
 public:
  /// Adds an allocation under a 5-tuple that has none.
  AllocationId add(Allocation allocation);
  void remove(AllocationId id);

  /// Makes a relayed address of an allocation findable, or not any longer.
  void index_relay(AllocationId id, base::Family family);
  void forget_relay(AllocationId id, base::Family family);

  [[nodiscard]] std::optional<AllocationId> find(const base::FiveTuple& five_tuple) const;
  /// By the external address, which is what peers name.
  [[nodiscard]] std::optional<RelayId> find_relay(const base::TransportAddress& external) const;

  [[nodiscard]] Allocation* get(AllocationId id) { return allocations_.find(id); }

  [[nodiscard]] const Allocation* get(AllocationId id) const { return allocations_.find(id); }

  [[nodiscard]] std::size_t size() const { return allocations_.size(); }

  template <typename Visit>
  void for_each(Visit&& visit) {
    allocations_.for_each(std::forward<Visit>(visit));
  }

 private:
  base::SlotMap<Allocation> allocations_;
  boost::unordered_flat_map<base::FiveTuple, AllocationId, std::hash<base::FiveTuple>>
      by_five_tuple_;
  boost::unordered_flat_map<base::TransportAddress, RelayId, std::hash<base::TransportAddress>>
      by_relayed_;
};

}  // namespace turn
