// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"

#include <functional>
#include <memory>

#include <uv.h>

namespace net {

/// One event loop, for one thread.
class Loop {
 public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  Loop(Loop&&) = delete;
  Loop& operator=(Loop&&) = delete;
  /// Runs the close callbacks of handles that are closing; every handle must have been closed.
  ~Loop();

  /// Serves until stop().
  void run();
  void stop();

  [[nodiscard]] uv_loop_t* get() { return &loop_; }

 private:
  uv_loop_t loop_{};
};

/// Both clocks, read. The one place of the relay that reads them.
[[nodiscard]] base::Now read_clocks();

}  // namespace net
