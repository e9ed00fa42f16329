// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"

namespace support {

/// A clock that only a test moves. Starts away from zero, so that "never set" is not "now".
class FakeClock {
 public:
  [[nodiscard]] base::Now now() const { return now_; }

  /// Both clocks move on; the wall clock in whole seconds of the sum.
  void advance(base::Duration by) {
    now_.monotonic += by;
    elapsed_ += by;
    now_.wall = kWallStart + std::chrono::duration_cast<std::chrono::seconds>(elapsed_) + jumped_;
  }

  /// The wall clock alone jumps, as when somebody sets it.
  void jump_wall(std::chrono::seconds by) {
    jumped_ += by;
    now_.wall += by;
  }

  /// 2026-01-01 00:00:00 UTC.
  static constexpr base::WallTime kWallStart{std::chrono::seconds{1767225600}};

 private:
  base::Now now_{base::Instant{std::chrono::hours{1}}, kWallStart};
  base::Duration elapsed_{};
  std::chrono::seconds jumped_{};
};

}  // namespace support
