// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace base {

/// Min-heap of (Instant, id). An entry is a wake-up call, not a promise: its owner looks at its own
/// state when called and pushes again, so that a deadline moved later costs nothing until the old
/// one is due.
template <typename Id>
class DeadlineQueue {
 public:
  void push(Instant due, Id id) {
    heap_.push_back({due, id});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  [[nodiscard]] std::optional<Instant> next() const {
    return heap_.empty() ? std::nullopt : std::optional(heap_.front().due);
  }

  /// Takes the earliest id that is due at `now`.
  [[nodiscard]] std::optional<Id> pop_due(Instant now) {
    if (heap_.empty() || heap_.front().due > now) {
      return std::nullopt;
    }
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Id id = heap_.back().id;
    heap_.pop_back();
    return id;
  }

  /// Drops every entry for which `is_dead(due, id)` holds. Takes time with the size of the queue.
  template <typename IsDead>
  void prune(IsDead&& is_dead) {
    std::erase_if(heap_, [&](const Entry& entry) { return is_dead(entry.due, entry.id); });
    std::make_heap(heap_.begin(), heap_.end(), later);
  }

  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    Instant due;
    Id id;
  };

  static bool later(const Entry& left, const Entry& right) { return left.due > right.due; }

  std::vector<Entry> heap_;
};

}  // namespace base
