// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"

#include <optional>

namespace relay {

/// Decides whether a worker waits a little before it looks for datagrams again. At real-life rates
/// nearly all cost is the wake-up: when the recent rate promises several datagrams within
/// `longest`, one wake-up serves them all. At low rates there is nothing to gather, at saturation a
/// turn takes longer than `longest` by itself; neither waits.
class Gather {
 public:
  explicit Gather(base::Duration longest) : longest_(longest) {}

  void set_longest(base::Duration longest) { longest_ = longest; }

  /// A turn began at `now`.
  void on_turn(base::Instant now);

  void on_datagrams(std::uint64_t count) { in_window_ += count; }

  /// The moment until which to wait, if at all. To be asked at the end of a turn that received
  /// something.
  [[nodiscard]] std::optional<base::Instant> wait_until() const;

 private:
  static constexpr base::Duration kWindow = std::chrono::milliseconds(2);
  static constexpr double kEnough = 24;

  base::Duration longest_;
  base::Instant turn_began_;
  base::Instant window_began_;
  std::uint64_t in_window_ = 0;
  double per_second_ = 0;
};

}  // namespace relay
