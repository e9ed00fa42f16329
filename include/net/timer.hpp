// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "net/loop.hpp"
#include "net/uv_handle.hpp"

#include <functional>

namespace net {

/// A timer of millisecond grain.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> on_due);

  /// Calls once, in `delay` from now but a millisecond at the least; an earlier start is forgotten.
  void start_once(base::Duration delay);
  /// Calls every `interval`.
  void start_repeating(base::Duration interval);
  void stop();

 private:
  std::function<void()> on_due_;
  UvHandle<uv_timer_t> handle_;
};

/// Calls before the loop waits for events and after it has them.
class TurnHooks {
 public:
  TurnHooks(Loop& loop, std::function<void()> before_wait, std::function<void()> after_events);

 private:
  std::function<void()> before_wait_;
  std::function<void()> after_events_;
  UvHandle<uv_prepare_t> prepare_;
  UvHandle<uv_check_t> check_;
};

/// Lets another thread call into this loop's thread: wake() may be called from anywhere, calls are
/// merged.
class Wakeup {
 public:
  Wakeup(Loop& loop, std::function<void()> on_wake);

  void wake();

 private:
  std::function<void()> on_wake_;
  UvHandle<uv_async_t> handle_;
};

/// Calls for a signal of the process.
class SignalWatch {
 public:
  SignalWatch(Loop& loop, int signal_number, std::function<void()> on_signal);

 private:
  std::function<void()> on_signal_;
  UvHandle<uv_signal_t> handle_;
};

}  // namespace net
