// SPDX-License-Identifier: Apache-2.0
#include "load/report.hpp"

#include <CppUTest/TestHarness.h>

TEST_GROUP(LoadReport) {
};

TEST(LoadReport, NumbersAreGroupedByThousands) {
  STRCMP_EQUAL("0", load::with_separators(0).c_str());
  STRCMP_EQUAL("999", load::with_separators(999).c_str());
  STRCMP_EQUAL("1,000", load::with_separators(1000).c_str());
  STRCMP_EQUAL("12,345,678", load::with_separators(12345678).c_str());
}

TEST(LoadReport, TableAndJsonTellTheSame) {
  load::Report report;
  report.add_count("sent", "sent", 1234);
  report.add_number("cpu_us_per_packet", "CPU", 1.25, "us");
  report.add_note("Nothing was relayed.");

  STRCMP_EQUAL("sent           1,234\nCPU            1.250 us\nNote: Nothing was relayed.\n",
               report.to_table().c_str());
  STRCMP_EQUAL(
      "{\n  \"sent\": 1234,\n  \"cpu_us_per_packet\": 1.25,\n  \"notes\": [\n    \"Nothing was "
      "relayed.\"\n  ]\n}\n",
      report.to_json().c_str());
}
