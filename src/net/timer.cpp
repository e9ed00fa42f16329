// SPDX-License-Identifier: Apache-2.0
#include "net/timer.hpp"

#include "base/check.hpp"

#include <algorithm>

namespace net {
namespace {

std::uint64_t milliseconds_of(base::Duration duration) {
  // Rounded up: a timer that rings early would ring again. And never zero: libuv runs timers until
  // none is due by the time it read before, so one that is set again from its own call, for at
  // once, would never let it out.
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(duration);
  return static_cast<std::uint64_t>(std::max(rounded, std::chrono::milliseconds{1}).count());
}

void on_timer(uv_timer_t* timer) {
  if (timer->data != nullptr) {
    (*static_cast<std::function<void()>*>(timer->data))();
  }
}

}  // namespace

Timer::Timer(Loop& loop, std::function<void()> on_due)
    : on_due_(std::move(on_due)), handle_(&on_due_) {
  CHECK(uv_timer_init(loop.get(), handle_.get()) == 0);
  handle_.set_initialised();
}

void Timer::start_once(base::Duration delay) {
  CHECK(uv_timer_start(handle_.get(), on_timer, milliseconds_of(delay), 0) == 0);
}

void Timer::start_repeating(base::Duration interval) {
  CHECK(uv_timer_start(
            handle_.get(), on_timer, milliseconds_of(interval), milliseconds_of(interval)) == 0);
}

void Timer::stop() {
  uv_timer_stop(handle_.get());
}

TurnHooks::TurnHooks(Loop& loop,
                     std::function<void()> before_wait,
                     std::function<void()> after_events)
    : before_wait_(std::move(before_wait)),
      after_events_(std::move(after_events)),
      prepare_(&before_wait_),
      check_(&after_events_) {
  CHECK(uv_prepare_init(loop.get(), prepare_.get()) == 0);
  prepare_.set_initialised();
  CHECK(uv_prepare_start(prepare_.get(), [](uv_prepare_t* prepare) {
          if (prepare->data != nullptr) {
            (*static_cast<std::function<void()>*>(prepare->data))();
          }
        }) == 0);
  CHECK(uv_check_init(loop.get(), check_.get()) == 0);
  check_.set_initialised();
  CHECK(uv_check_start(check_.get(), [](uv_check_t* check) {
          if (check->data != nullptr) {
            (*static_cast<std::function<void()>*>(check->data))();
          }
        }) == 0);
}

Wakeup::Wakeup(Loop& loop, std::function<void()> on_wake)
    : on_wake_(std::move(on_wake)), handle_(&on_wake_) {
  CHECK(uv_async_init(loop.get(), handle_.get(), [](uv_async_t* async) {
          if (async->data != nullptr) {
            (*static_cast<std::function<void()>*>(async->data))();
          }
        }) == 0);
  handle_.set_initialised();
}

void Wakeup::wake() {
  CHECK(uv_async_send(handle_.get()) == 0);
}

SignalWatch::SignalWatch(Loop& loop, int signal_number, std::function<void()> on_signal)
    : on_signal_(std::move(on_signal)), handle_(&on_signal_) {
  CHECK(uv_signal_init(loop.get(), handle_.get()) == 0);
  handle_.set_initialised();
  CHECK(uv_signal_start(
            handle_.get(),
            [](uv_signal_t* signal, int /*number*/) {
              if (signal->data != nullptr) {
                (*static_cast<std::function<void()>*>(signal->data))();
              }
            },
            signal_number) == 0);
}

}  // namespace net
