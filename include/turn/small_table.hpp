// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

namespace turn {

/// Entries found in O(1) by each of their keys: a plain vector while there are few, hash indexes
/// besides once there are many. Most allocations have one or two peers, and an idle one must not
/// pay for a hash table. An entry's keys never change; entries keep no stable address. `KeyOf`
/// types are functions from entry to key.
template <typename Entry, typename... KeyOf>
class SmallTable {
 public:
  template <typename By>
  using Key = std::decay_t<std::invoke_result_t<By, const Entry&>>;

  template <typename By>
  [[nodiscard]] Entry* find(const Key<By>& key) {
    if (indexes_) {
      const auto& index = std::get<Index<By>>(*indexes_);
      const auto found = index.positions.find(key);
      return found == index.positions.end() ? nullptr : &entries_[found->second];
    }
    for (Entry& entry : entries_) {
      if (By{}(entry) == key) {
        return &entry;
      }
    }
    return nullptr;
  }

  template <typename By>
  [[nodiscard]] const Entry* find(const Key<By>& key) const {
    return const_cast<SmallTable*>(this)->template find<By>(key);
  }

  void add(Entry entry) {
    entries_.push_back(std::move(entry));
    if (indexes_) {
      index_entry(entries_.size() - 1);
    } else if (entries_.size() > kScanMax) {
      rebuild_indexes();
    }
  }

  /// Removes every entry for which `is_gone(entry)` holds; returns how many.
  template <typename IsGone>
  std::size_t remove_if(IsGone&& is_gone) {
    const std::size_t removed = std::erase_if(entries_, is_gone);
    if (removed != 0 && indexes_) {
      indexes_.reset();
      if (entries_.size() > kScanMax) {
        rebuild_indexes();
      }
    }
    return removed;
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  /// For changing anything but keys.
  [[nodiscard]] std::vector<Entry>& entries() { return entries_; }

 private:
  static constexpr std::size_t kScanMax = 8;

  template <typename By>
  struct Index {
    boost::unordered_flat_map<Key<By>, std::size_t, std::hash<Key<By>>> positions;
  };

  void index_entry(std::size_t position) {
    (std::get<Index<KeyOf>>(*indexes_).positions.emplace(KeyOf{}(entries_[position]), position),
     ...);
  }

  void rebuild_indexes() {
    indexes_ = std::make_unique<std::tuple<Index<KeyOf>...>>();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      index_entry(i);
    }
  }

  std::vector<Entry> entries_;
  std::unique_ptr<std::tuple<Index<KeyOf>...>> indexes_;
};

}  // namespace turn
