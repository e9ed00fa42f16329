// SPDX-License-Identifier: Apache-2.0
#include "turn/source_budget.hpp"

#include "support/hex.hpp"
#include "support/test.hpp"

namespace {

using base::Instant;
using base::IpAddress;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

/// IPv4 address by number.
IpAddress numbered(std::uint32_t number) {
  std::array<std::byte, 4> raw{};
  base::store_u32(raw.data(), number);
  return *IpAddress::from_bytes(raw);
}

}  // namespace

TEST_GROUP(SourceBudget) {
  turn::SourceBudget budget{base::SipKey{1, 2}};
  Instant now{hours{100}};

  /// Answers that the source gets out of `asked`.
  int granted(const IpAddress& source, std::uint32_t per_second, int asked) {
    int count = 0;
    for (int i = 0; i < asked; ++i) {
      count += budget.take(source, per_second, now) ? 1 : 0;
    }
    return count;
  }
};

TEST(SourceBudget, IsOneSecondsWorthAtOnce) {
  for (const std::uint32_t per_second : {1U, 2U, 10U, 50U, 1'000U}) {
    now += seconds{10};
    CHECK_EQUAL(static_cast<int>(per_second), granted(ip("198.51.100.1"), per_second, 3'000));
  }
}

TEST(SourceBudget, FillsAtItsRate) {
  CHECK_EQUAL(50, granted(ip("198.51.100.1"), 50, 100));
  now += milliseconds{19};
  CHECK_EQUAL(0, granted(ip("198.51.100.1"), 50, 10));
  now += milliseconds{1};
  CHECK_EQUAL(1, granted(ip("198.51.100.1"), 50, 10));
  now += milliseconds{100};
  CHECK_EQUAL(5, granted(ip("198.51.100.1"), 50, 10));
  now += hours{1};
  CHECK_EQUAL(50, granted(ip("198.51.100.1"), 50, 100));
}

TEST(SourceBudget, SteadyFloodGetsItsRateOverTime) {
  int total = 0;
  for (int i = 0; i < 10'000; ++i) {
    total += granted(ip("198.51.100.1"), 50, 1);
    now += milliseconds{1};
  }
  CHECK_TRUE(total >= 50 * 10 && total <= 50 * 11);
}

TEST(SourceBudget, ZeroIsNoLimit) {
  CHECK_EQUAL(5'000, granted(ip("198.51.100.1"), 0, 5'000));
}

TEST(SourceBudget, IPv4SourcesHaveBudgetsOfTheirOwn) {
  CHECK_EQUAL(5, granted(ip("198.51.100.1"), 5, 10));
  CHECK_EQUAL(5, granted(ip("198.51.100.2"), 5, 10));
}

TEST(SourceBudget, IPv6SourcesOfOneNetworkShareIt) {
  CHECK_EQUAL(3, granted(ip("2001:db8:1:1::1"), 5, 3));
  CHECK_EQUAL(2, granted(ip("2001:db8:1:1:ffff::2"), 5, 10));
  CHECK_EQUAL(5, granted(ip("2001:db8:1:2::1"), 5, 10));
}

TEST(SourceBudget, ManySourcesHardlyDisturbEachOther) {
  // 2,000 sources in 65,536 slots of 4 ways: collisions that cost somebody an answer are rare.
  int answered = 0;
  for (std::uint32_t i = 0; i < 2'000; ++i) {
    answered += granted(numbered(0xC6000000 + i), 5, 5);
  }
  CHECK_TRUE(answered > 9'900);
}

TEST(SourceBudget, FloodOfSpoofedSourcesIsBoundedByTheTable) {
  // 100,000 sources that ask in the same moment share 65,536 buckets of 2.
  int answered = 0;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    answered += granted(numbered(i * 2'654'435'761U), 2, 3);
  }
  CHECK_TRUE(answered <= 65'536 * 2);
  // And once it is over everybody is served again.
  now += seconds{2};
  CHECK_EQUAL(2, granted(ip("198.51.100.1"), 2, 10));
}

TEST(SourceBudget, WhoCollidesDependsOnTheKey) {
  // The sources that get less than their share under one key are others under another.
  turn::SourceBudget other{base::SipKey{3, 4}};
  std::string first;
  std::string second;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    first += budget.take(numbered(i), 1, now) ? '1' : '0';
    second += other.take(numbered(i), 1, now) ? '1' : '0';
  }
  CHECK_TRUE(first.find('0') != std::string::npos);
  CHECK_TRUE(first != second);
}

TEST(SourceBudget, YearsOfUptimeDoNotSilenceIt) {
  // 40 bits of 100 us are three and a half years.
  const Instant wrap{milliseconds{(1LL << 40) / 10}};
  now = wrap - milliseconds{2'000};
  CHECK_EQUAL(50, granted(ip("198.51.100.1"), 50, 100));
  now = wrap - milliseconds{500};
  CHECK_EQUAL(50, granted(ip("198.51.100.1"), 50, 100));
  now = wrap + milliseconds{500};
  CHECK_EQUAL(50, granted(ip("198.51.100.1"), 50, 100));
  now += seconds{1};
  CHECK_EQUAL(50, granted(ip("198.51.100.1"), 50, 100));
  now += hours{24};
  CHECK_EQUAL(50, granted(ip("198.51.100.1"), 50, 100));
}
