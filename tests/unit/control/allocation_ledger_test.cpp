// SPDX-License-Identifier: Apache-2.0
#include "control/allocation_ledger.hpp"

#include "support/abort.hpp"
#include "support/test.hpp"

#include <thread>
#include <vector>

using Verdict = turn::QuotaGate::Verdict;

TEST_GROUP(AllocationLedger) {
  control::AllocationLedger ledger;
};

TEST(AllocationLedger, ZeroIsNoLimit) {
  for (int i = 0; i < 1000; ++i) {
    CHECK_EQUAL(Verdict::Granted, ledger.take("alice", 0, 0));
  }
  CHECK_EQUAL(1000U, ledger.total());
}

TEST(AllocationLedger, UserLimitIsOfEachUser) {
  CHECK_EQUAL(Verdict::Granted, ledger.take("alice", 2, 0));
  CHECK_EQUAL(Verdict::Granted, ledger.take("alice", 2, 0));
  CHECK_EQUAL(Verdict::UserLimit, ledger.take("alice", 2, 0));
  CHECK_EQUAL(Verdict::Granted, ledger.take("bob", 2, 0));
  CHECK_EQUAL(3U, ledger.total());
}

TEST(AllocationLedger, ServerLimitIsOfAllAndSaidFirst) {
  CHECK_EQUAL(Verdict::Granted, ledger.take("alice", 1, 2));
  CHECK_EQUAL(Verdict::Granted, ledger.take("bob", 1, 2));
  CHECK_EQUAL(Verdict::ServerLimit, ledger.take("carol", 1, 2));
  CHECK_EQUAL(Verdict::ServerLimit, ledger.take("alice", 1, 2));
}

TEST(AllocationLedger, WhatIsGivenBackMayBeTakenAgain) {
  CHECK_EQUAL(Verdict::Granted, ledger.take("alice", 1, 1));
  ledger.give_back("alice");
  CHECK_EQUAL(0U, ledger.total());
  CHECK_EQUAL(Verdict::Granted, ledger.take("alice", 1, 1));
  CHECK_EQUAL(Verdict::UserLimit, ledger.take("alice", 1, 2));
}

TEST(AllocationLedger, RefusalTakesNothing) {
  CHECK_EQUAL(Verdict::Granted, ledger.take("alice", 1, 0));
  CHECK_EQUAL(Verdict::UserLimit, ledger.take("alice", 1, 0));
  CHECK_EQUAL(Verdict::ServerLimit, ledger.take("bob", 0, 1));
  CHECK_EQUAL(1U, ledger.total());
  ledger.give_back("alice");
  CHECK_EQUAL(0U, ledger.total());
}

TEST(AllocationLedger, LowerLimitHoldsForTheNextOnly) {
  CHECK_EQUAL(Verdict::Granted, ledger.take("alice", 3, 0));
  CHECK_EQUAL(Verdict::Granted, ledger.take("alice", 3, 0));
  CHECK_EQUAL(Verdict::UserLimit, ledger.take("alice", 1, 0));
  ledger.give_back("alice");
  CHECK_EQUAL(Verdict::UserLimit, ledger.take("alice", 1, 0));
  ledger.give_back("alice");
  CHECK_EQUAL(Verdict::Granted, ledger.take("alice", 1, 0));
}

TEST(AllocationLedger, GivingBackWhatNobodyHasIsABug) {
  CHECK_TRUE(support::aborts([this] { ledger.give_back("alice"); }));
  static_cast<void>(ledger.take("alice", 0, 0));
  ledger.give_back("alice");
  CHECK_TRUE(support::aborts([this] { ledger.give_back("alice"); }));
}

TEST(AllocationLedger, WorkersTakeNoMoreThanThereIs) {
  constexpr std::uint32_t kLimit = 100;
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([this] {
      for (int i = 0; i < 1000; ++i) {
        if (ledger.take("alice", kLimit, 0) == Verdict::Granted && i % 2 == 0) {
          ledger.give_back("alice");
        }
      }
    });
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
  // Each kept its odd ones until the limit was met.
  CHECK_EQUAL(kLimit, ledger.total());
}
