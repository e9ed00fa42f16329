// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace base {

using Duration = std::chrono::nanoseconds;

/// Tag of the monotonic clock. It has no now(): time is an argument below app/ and relay/.
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

/// A moment of the monotonic clock: lifetimes, deadlines, rates.
using Instant = MonotonicClock::time_point;

/// A moment of the wall clock: expiry of credentials, nonces, logs. Whole seconds since 1970, UTC.
using WallTime = std::chrono::sys_seconds;

/// Both clocks, read together once a loop turn.
struct Now {
  Instant monotonic;
  WallTime wall;
};

}  // namespace base
