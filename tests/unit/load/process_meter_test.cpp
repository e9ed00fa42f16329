// SPDX-License-Identifier: Apache-2.0
#include "load/process_meter.hpp"

#include "load/failure.hpp"

#include <CppUTest/TestHarness.h>
#include <unistd.h>

TEST_GROUP(LoadProcessMeter) {
};

TEST(LoadProcessMeter, ResidentSizeIsReadInBytes) {
  const auto bytes = load::parse_resident_bytes(
      "Name:\tx\nVmHWM:\t  9 kB\nVmRSS:\t    2048 kB\nRssAnon:\t 1 kB\n");

  CHECK_EQUAL(2'097'152U, bytes.value_or(0));
}

TEST(LoadProcessMeter, StatusWithoutResidentSizeGivesNothing) {
  CHECK_FALSE(load::parse_resident_bytes("Name:\tkthread\n").has_value());
  CHECK_FALSE(load::parse_resident_bytes("VmRSS:").has_value());
}

TEST(LoadProcessMeter, WaitingTimeIsTheSecondNumber) {
  CHECK_EQUAL(2570738L, load::parse_waited_ns("914533 2570738 12\n").value_or(-1));
}

TEST(LoadProcessMeter, MissingWaitingTimeGivesNothing) {
  CHECK_FALSE(load::parse_waited_ns("").has_value());
  CHECK_FALSE(load::parse_waited_ns("914533").has_value());
  CHECK_FALSE(load::parse_waited_ns("914533 ").has_value());
}

TEST(LoadProcessMeter, ReadsItsOwnProcess) {
  const load::Usage usage = load::ProcessMeter(::getpid()).read();

  CHECK_TRUE(usage.cpu_ns > 0);
  CHECK_TRUE(usage.memory_bytes > 0);
}

TEST(LoadProcessMeter, ProcessThatDoesNotExistIsAFailure) {
  for (const int pid : {(1 << 22) - 1, 1 << 22, INT32_MAX}) {
    CHECK_THROWS(load::Failure, load::ProcessMeter(pid));
  }
}
