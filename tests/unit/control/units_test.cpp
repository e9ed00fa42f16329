// SPDX-License-Identifier: Apache-2.0
#include "control/units.hpp"

#include "support/test.hpp"

using control::parse_ports;
using control::parse_rate;
using control::parse_size;
using control::parse_time;
using control::time_text;
using std::chrono::microseconds;
using std::chrono::seconds;

TEST_GROUP(Units) {
};

TEST(Units, TimesHaveUnits) {
  CHECK_EQUAL(100, parse_time("100us")->count());
  CHECK_EQUAL(20'000, parse_time("20ms")->count());
  CHECK_TRUE(parse_time("90s") == seconds(90));
  CHECK_TRUE(parse_time("10m") == seconds(600));
  CHECK_TRUE(parse_time("4h") == seconds(4 * 3600));
  CHECK_TRUE(parse_time("30d") == seconds(30 * 86'400));
  CHECK_TRUE(parse_time("0") == microseconds(0));
  CHECK_TRUE(parse_time("0s") == microseconds(0));
}

TEST(Units, WhatIsNoTime) {
  for (const char* text : {"",
                           "s",
                           "10",
                           "1 h",
                           " 1h",
                           "1h ",
                           "-1h",
                           "+1h",
                           "1.5h",
                           "1H",
                           "1w",
                           "1h30m",
                           "0x1s",
                           "ms"}) {
    CHECK_FALSE_TEXT(parse_time(text).has_value(), text);
  }
}

TEST(Units, TimesThatDoNotFitAreNothing) {
  CHECK_TRUE(parse_time("106751991d").has_value());
  CHECK_FALSE(parse_time("106751992d").has_value());
  CHECK_FALSE(parse_time("18446744073709551615us").has_value());
  CHECK_FALSE(parse_time("18446744073709551616us").has_value());
}

TEST(Units, TimeTextIsTheShortestExactOne) {
  CHECK_EQUAL(std::string("0"), time_text(microseconds(0)));
  CHECK_EQUAL(std::string("100us"), time_text(microseconds(100)));
  CHECK_EQUAL(std::string("90s"), time_text(seconds(90)));
  CHECK_EQUAL(std::string("1h"), time_text(seconds(3600)));
  CHECK_EQUAL(std::string("61m"), time_text(seconds(3660)));
  CHECK_EQUAL(std::string("2d"), time_text(seconds(2 * 86'400)));
}

TEST(Units, TimeTextReadsBack) {
  for (const std::int64_t count :
       {1LL, 999LL, 1'000LL, 1'500'000LL, 59'000'000LL, 86'400'000'000LL}) {
    CHECK_TRUE(parse_time(time_text(microseconds(count))) == microseconds(count));
  }
}

TEST(Units, SizesArePowersOfTwoOrTen) {
  CHECK_EQUAL(std::uint64_t{0}, *parse_size("0"));
  CHECK_EQUAL(std::uint64_t{512}, *parse_size("512B"));
  CHECK_EQUAL(std::uint64_t{65'536}, *parse_size("64KiB"));
  CHECK_EQUAL(std::uint64_t{64'000}, *parse_size("64kB"));
  CHECK_EQUAL(std::uint64_t{1} << 20U, *parse_size("1MiB"));
  CHECK_EQUAL(std::uint64_t{50'000'000'000}, *parse_size("50GB"));
  CHECK_EQUAL(std::uint64_t{1} << 41U, *parse_size("2TiB"));
  for (const char* text : {"", "64", "64K", "64Kib", "64 KiB", "-1B", "9999999TiB", "GB"}) {
    CHECK_FALSE_TEXT(parse_size(text).has_value(), text);
  }
}

TEST(Units, RatesAreBitsPerSecond) {
  CHECK_EQUAL(std::uint64_t{0}, *parse_rate("0"));
  CHECK_EQUAL(std::uint64_t{500}, *parse_rate("500bit"));
  CHECK_EQUAL(std::uint64_t{64'000}, *parse_rate("64kbit"));
  CHECK_EQUAL(std::uint64_t{3'000'000}, *parse_rate("3Mbit"));
  CHECK_EQUAL(std::uint64_t{1'000'000'000}, *parse_rate("1Gbit"));
  for (const char* text : {"3", "3mbit", "3MB", "3Mbps", "3 Mbit"}) {
    CHECK_FALSE_TEXT(parse_rate(text).has_value(), text);
  }
}

TEST(Units, PortsAreARange) {
  CHECK_TRUE(parse_ports("49152-65535") == (turn::PortRange{49152, 65535}));
  CHECK_TRUE(parse_ports("0-0") == (turn::PortRange{0, 0}));
  CHECK_TRUE(parse_ports("9-1") == (turn::PortRange{9, 1}));
  for (const char* text :
       {"", "-", "1", "1-", "-1", "1-65536", "1-2-3", "1 - 2", "a-b", "+1-2", "1-0x2"}) {
    CHECK_FALSE_TEXT(parse_ports(text).has_value(), text);
  }
}
