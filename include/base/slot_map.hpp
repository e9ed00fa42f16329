// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/check.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace base {

/// Names one object of a SlotMap<Tag...>. A freed slot changes its generation, so an old id finds
/// nothing.
template <typename Tag>
struct SlotId {
  std::uint32_t index = UINT32_MAX;
  std::uint32_t generation = 0;

  friend bool operator==(const SlotId&, const SlotId&) = default;
};

/// Objects under generation-checked ids. Addresses are stable while an object lives: storage grows
/// in blocks.
template <typename T, typename Tag = T>
class SlotMap {
 public:
  using Id = SlotId<Tag>;

  template <typename... Args>
  Id emplace(Args&&... args) {
    if (free_.empty()) {
      grow();
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    Slot& slot = slot_at(index);
    slot.value.emplace(std::forward<Args>(args)...);
    ++size_;
    return {index, slot.generation};
  }

  /// The object, or nullptr once it is gone.
  [[nodiscard]] T* find(Id id) {
    if (id.index >= blocks_.size() * kBlockSize) {
      return nullptr;
    }
    Slot& slot = slot_at(id.index);
    return slot.generation == id.generation && slot.value ? &*slot.value : nullptr;
  }

  [[nodiscard]] const T* find(Id id) const { return const_cast<SlotMap*>(this)->find(id); }

  /// Destroys the object. The id must be live.
  void erase(Id id) {
    CHECK(find(id) != nullptr);
    Slot& slot = slot_at(id.index);
    slot.value.reset();
    ++slot.generation;
    free_.push_back(id.index);
    --size_;
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  /// Calls `visit(id, object)` for every object, in the order of slots.
  template <typename Visit>
  void for_each(Visit&& visit) {
    for (std::uint32_t index = 0; index < blocks_.size() * kBlockSize; ++index) {
      Slot& slot = slot_at(index);
      if (slot.value) {
        visit(Id{index, slot.generation}, *slot.value);
      }
    }
  }

 private:
  static constexpr std::uint32_t kBlockSize = 64;

  struct Slot {
    std::optional<T> value;
    std::uint32_t generation = 1;
  };

  Slot& slot_at(std::uint32_t index) { return blocks_[index / kBlockSize][index % kBlockSize]; }

  void grow() {
    const auto first = static_cast<std::uint32_t>(blocks_.size()) * kBlockSize;
    blocks_.push_back(std::make_unique<Slot[]>(kBlockSize));
    for (std::uint32_t i = kBlockSize; i > 0; --i) {
      free_.push_back(first + i - 1);
    }
  }

  std::vector<std::unique_ptr<Slot[]>> blocks_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

}  // namespace base

template <typename Tag>
struct std::hash<base::SlotId<Tag>> {
  std::size_t operator()(const base::SlotId<Tag>& id) const noexcept {
    return (static_cast<std::size_t>(id.generation) << 32U) | id.index;
  }
};
