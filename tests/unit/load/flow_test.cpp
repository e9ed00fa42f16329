// SPDX-License-Identifier: Apache-2.0
#include "load/flow.hpp"

#include <CppUTest/TestHarness.h>

namespace {

using Verdict = load::SequenceWindow::Verdict;

}  // namespace

TEST_GROUP(LoadSequenceWindow) {
  load::SequenceWindow window;

  void expect(Verdict verdict, std::uint32_t sequence) {
    CHECK_TRUE(window.note(sequence) == verdict);
  }
};

TEST(LoadSequenceWindow, SecondCopyIsTold) {
  expect(Verdict::First, 0);
  expect(Verdict::First, 1);
  expect(Verdict::Again, 0);
  expect(Verdict::Again, 1);
}

TEST(LoadSequenceWindow, LateOneWithinTheWindowIsStillTheFirst) {
  expect(Verdict::First, 255);
  expect(Verdict::First, 0);
  expect(Verdict::Again, 0);
}

TEST(LoadSequenceWindow, OneBehindTheWindowIsTooOld) {
  expect(Verdict::First, 256);
  expect(Verdict::TooOld, 0);
}

TEST(LoadSequenceWindow, NumbersOneWindowApartAreDifferent) {
  for (std::uint32_t sequence = 0; sequence < 1000; ++sequence) {
    expect(Verdict::First, sequence);
  }
  expect(Verdict::First, 5000);
  expect(Verdict::First, 5000 - 255);
}

TEST_GROUP(LoadFlow) {
  load::Flow flow;
};

TEST(LoadFlow, ArrivalSettlesAllBefore) {
  flow.on_sent(8, 100);

  CHECK_EQUAL(3U, flow.on_arrived(2, 110));
  CHECK_EQUAL(0U, flow.on_arrived(1, 111));
  CHECK_EQUAL(5U, flow.on_arrived(7, 112));
  CHECK_EQUAL(0U, flow.outstanding());
}

TEST(LoadFlow, NumberNeverSentSettlesNothing) {
  flow.on_sent(2, 100);

  CHECK_EQUAL(0U, flow.on_arrived(2, 110));
  CHECK_EQUAL(2U, flow.outstanding());
}

TEST(LoadFlow, GivesUpOnlyWithoutProgress) {
  flow.on_sent(4, 100);
  CHECK_EQUAL(1U, flow.on_arrived(0, 150));

  CHECK_EQUAL(0U, flow.give_up(150));
  CHECK_EQUAL(3U, flow.give_up(151));
  CHECK_EQUAL(0U, flow.outstanding());
  CHECK_EQUAL(0U, flow.give_up(1000));
}
