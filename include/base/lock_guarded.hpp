// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <utility>

namespace base {

/// Data that can only be reached while its lock is held. Slow paths only: no datagram takes a lock.
template <typename T>
class LockGuarded {
 public:
  LockGuarded() = default;

  explicit LockGuarded(T value) : value_(std::move(value)) {}

  /// Runs `use(T&)` under the lock and returns what it returns.
  template <typename Use>
  decltype(auto) with(Use&& use) {
    const std::scoped_lock lock(mutex_);
    return std::forward<Use>(use)(value_);
  }

 private:
  std::mutex mutex_;
  T value_{};
};

}  // namespace base
