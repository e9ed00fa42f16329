// SPDX-License-Identifier: Apache-2.0
#include "net/timer.hpp"

#include "support/loopback.hpp"
#include "support/test.hpp"

#include <atomic>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

using std::chrono::hours;
using std::chrono::milliseconds;
using support::run_until;

TEST_GROUP(Timer) {
  net::Loop loop;
  int count = 0;

  /// Serves the loop until a fresh timer of `delay` has rung.
  void pass(base::Duration delay) {
    bool has_rung = false;
    net::Timer fence(loop, [&] { has_rung = true; });
    fence.start_once(delay);
    CHECK_TRUE(run_until(loop, [&] { return has_rung; }));
  }
};

TEST(Timer, RingsOnce) {
  net::Timer timer(loop, [this] { ++count; });
  timer.start_once(milliseconds(1));
  CHECK_TRUE(run_until(loop, [this] { return count == 1; }));
  pass(milliseconds(2));
  CHECK_EQUAL(1, count);
}

TEST(Timer, PastIsNow) {
  net::Timer timer(loop, [this] { ++count; });
  timer.start_once(milliseconds(-5));
  CHECK_TRUE(run_until(loop, [this] { return count == 1; }));
}

TEST(Timer, FractionAndZeroBothWaitAMillisecond) {
  // In the order they were started, as both are due together.
  std::string order;
  net::Timer fraction(loop, [&] { order += "fraction "; });
  net::Timer now(loop, [&] { order += "now "; });
  fraction.start_once(std::chrono::nanoseconds(1));
  now.start_once(base::Duration::zero());
  CHECK_TRUE(run_until(loop, [&] { return order.size() == 13; }));
  CHECK_EQUAL(std::string("fraction now "), order);
}

TEST(Timer, LaterStartReplacesTheEarlier) {
  net::Timer timer(loop, [this] { ++count; });
  timer.start_once(hours(1));
  timer.start_once(milliseconds(1));
  CHECK_TRUE(run_until(loop, [this] { return count == 1; }));
}

TEST(Timer, RepeatsUntilStopped) {
  net::Timer timer(loop, [this] { ++count; });
  timer.start_repeating(milliseconds(1));
  CHECK_TRUE(run_until(loop, [this] { return count >= 3; }));
  timer.stop();
  const int before = count;
  pass(milliseconds(3));
  CHECK_EQUAL(before, count);
}

TEST(Timer, MayStartItselfAgain) {
  std::optional<net::Timer> timer;
  timer.emplace(loop, [&] {
    if (++count < 3) {
      timer->start_once(milliseconds(1));
    }
  });
  timer->start_once(milliseconds(1));
  CHECK_TRUE(run_until(loop, [this] { return count == 3; }));
}

TEST(Timer, DestroyedTimerDoesNotRing) {
  {
    net::Timer timer(loop, [this] { ++count; });
    timer.start_once(base::Duration::zero());
  }
  pass(milliseconds(1));
  CHECK_EQUAL(0, count);
}

TEST(Timer, OneMayDestroyAnotherThatIsDueToo) {
  std::unique_ptr<net::Timer> victim;
  net::Timer killer(loop, [&] { victim.reset(); });
  killer.start_once(base::Duration::zero());
  victim = std::make_unique<net::Timer>(loop, [this] { ++count; });
  victim->start_once(base::Duration::zero());
  CHECK_TRUE(run_until(loop, [&] { return victim == nullptr; }));
  pass(milliseconds(1));
  CHECK_EQUAL(0, count);
}

TEST_GROUP(TurnHooks) {
  net::Loop loop;
  std::string order;
};

TEST(TurnHooks, CallBeforeTheWaitAndAfterTheEvents) {
  const net::TurnHooks hooks(
      loop, [this] { order += "before "; }, [this] { order += "after "; });
  net::Wakeup wakeup(loop, [this] { order += "event "; });
  wakeup.wake();
  support::run_once(loop);
  CHECK_EQUAL(std::string("before event after "), order);
}

TEST(TurnHooks, DestroyedHooksDoNotCall) {
  {
    const net::TurnHooks hooks(
        loop, [this] { order += "before "; }, [this] { order += "after "; });
  }
  support::run_once(loop);
  CHECK_EQUAL(std::string(), order);
}

TEST(TurnHooks, MayBeDestroyedByAnEvent) {
  std::optional<net::TurnHooks> hooks;
  hooks.emplace(
      loop, [this] { order += "before "; }, [this] { order += "after "; });
  net::Wakeup wakeup(loop, [&] {
    order += "event ";
    hooks.reset();
  });
  wakeup.wake();
  support::run_once(loop);
  support::run_once(loop);
  CHECK_EQUAL(std::string("before event "), order);
}

TEST_GROUP(Wakeup) {
  net::Loop loop;
};

TEST(Wakeup, CallsFromAnotherThreadArriveInTheLoop) {
  std::thread::id called_in;
  std::atomic<int> mail{0};
  int seen = 0;
  net::Wakeup wakeup(loop, [&] {
    called_in = std::this_thread::get_id();
    seen = mail.load();
  });
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      ++mail;
      wakeup.wake();
    }
  });
  const bool all_seen = run_until(loop, [&] { return seen == 1000; });
  other.join();
  CHECK_TRUE(all_seen);
  CHECK_TRUE(called_in == std::this_thread::get_id());
}

TEST(Wakeup, CallsAreMerged) {
  int count = 0;
  net::Wakeup wakeup(loop, [&] { ++count; });
  for (int i = 0; i < 10; ++i) {
    wakeup.wake();
  }
  CHECK_TRUE(run_until(loop, [&] { return count > 0; }));
  support::run_once(loop);
  CHECK_EQUAL(1, count);
}

TEST(Wakeup, CallOfADestroyedOneIsDropped) {
  int count = 0;
  {
    net::Wakeup wakeup(loop, [&] { ++count; });
    wakeup.wake();
  }
  support::run_once(loop);
  CHECK_EQUAL(0, count);
}

TEST(Wakeup, EndsALoopThatServesInAThread) {
  std::atomic<bool> is_done{false};
  net::Wakeup wakeup(loop, [this] { loop.stop(); });
  std::thread server([&] {
    loop.run();
    is_done = true;
  });
  wakeup.wake();
  server.join();
  CHECK_TRUE(is_done);
}

TEST_GROUP(SignalWatch) {
  net::Loop loop;
};

TEST(SignalWatch, CallsForItsSignal) {
  int count = 0;
  const net::SignalWatch watch(loop, SIGUSR2, [&] { ++count; });
  CHECK_EQUAL(0, std::raise(SIGUSR2));
  CHECK_TRUE(run_until(loop, [&] { return count == 1; }));
}

TEST_GROUP(Loop) {
};

TEST(Loop, ClosesWhatWasDestroyedAndNeverServed) {
  {
    const net::Loop first;  // libuv keeps a pipe of its own from the first loop on.
  }
  const std::size_t before = support::open_descriptors();
  {
    net::Loop loop;
    net::Timer timer(loop, [] {});
    timer.start_repeating(hours(1));
    net::Wakeup wakeup(loop, [] {});
    wakeup.wake();
    const net::TurnHooks hooks(
        loop, [] {}, [] {});
  }
  CHECK_EQUAL(before, support::open_descriptors());
}

TEST(Loop, ClocksAreThoseOfTheKernel) {
  const base::Now first = net::read_clocks();
  const base::Now second = net::read_clocks();
  CHECK_TRUE(first.monotonic <= second.monotonic);
  const auto wall =
      std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  CHECK_TRUE(wall - second.wall <= std::chrono::seconds(60));
}
