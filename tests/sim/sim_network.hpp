// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "support/seeded_random.hpp"

#include <functional>
#include <map>

namespace sim {

/// What happens between two ends: nothing is sure but that it happens later. Actions wait here
/// until their moment; those of one moment run in the order in which they were planned.
class SimNetwork {
 public:
  explicit SimNetwork(support::SeededRandom& random) : random_(random) {}

  /// Runs `action` after `delay`.
  void plan(base::Instant now, base::Duration delay, std::function<void()> action) {
    waiting_.emplace(std::pair(now + delay, next_number_++), std::move(action));
  }

  /// A datagram's way: lost, doubled, or late by up to 200 ms, so that datagrams overtake each
  /// other.
  void send_datagram(base::Instant now, const std::function<void()>& arrive) {
    if (random_.one_in(kLostOneIn)) {
      return;
    }
    plan(now, delay(), arrive);
    if (random_.one_in(kDoubledOneIn)) {
      plan(now, delay(), arrive);
    }
  }

  /// A stream's way: all arrives, in order.
  void send_stream(base::Instant now, const std::function<void()>& arrive) {
    plan(now, kStreamDelay, arrive);
  }

  [[nodiscard]] bool empty() const { return waiting_.empty(); }

  [[nodiscard]] base::Instant next() const { return waiting_.begin()->first.first; }

  /// Takes the action that is next.
  [[nodiscard]] std::function<void()> take() {
    auto node = waiting_.extract(waiting_.begin());
    return std::move(node.mapped());
  }

  /// Nothing more happens.
  void clear() { waiting_.clear(); }

 private:
  static constexpr std::uint32_t kLostOneIn = 10;
  static constexpr std::uint32_t kDoubledOneIn = 10;
  static constexpr std::chrono::milliseconds kStreamDelay{20};

  base::Duration delay() { return std::chrono::milliseconds{random_.below(200)}; }

  support::SeededRandom& random_;
  std::map<std::pair<base::Instant, std::uint64_t>, std::function<void()>> waiting_;
  std::uint64_t next_number_ = 0;
};

}  // namespace sim
