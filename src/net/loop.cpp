// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include "base/check.hpp"

#include <ctime>

namespace net {

Loop::Loop() {
  CHECK(uv_loop_init(&loop_) == 0);
}

Loop::~Loop() {
  while (uv_run(&loop_, UV_RUN_NOWAIT) != 0) {
  }
  CHECK(uv_loop_close(&loop_) == 0);
}

void Loop::run() {
  uv_run(&loop_, UV_RUN_DEFAULT);
}

void Loop::stop() {
  uv_stop(&loop_);
}

base::Now read_clocks() {
  timespec monotonic{};
  timespec wall{};
  ::clock_gettime(CLOCK_MONOTONIC, &monotonic);
  // A tick old at most, and seconds are all that is asked of it.
  ::clock_gettime(CLOCK_REALTIME_COARSE, &wall);
  return {base::Instant(std::chrono::seconds(monotonic.tv_sec) +
                        std::chrono::nanoseconds(monotonic.tv_nsec)),
          base::WallTime(std::chrono::seconds(wall.tv_sec))};
}

}  // namespace net
