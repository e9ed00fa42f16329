// SPDX-License-Identifier: Apache-2.0
#include "base/cidr.hpp"

#include "support/test.hpp"

namespace {
using base::Cidr;
using base::IpAddress;
}  // namespace

TEST_GROUP(Cidr) {
  static bool holds(const char* range, const char* ip) {
    return Cidr::parse(range)->contains(*IpAddress::parse(ip));
  }

  static bool holds_range(const char* outer, const char* inner) {
    return Cidr::parse(outer)->contains(*Cidr::parse(inner));
  }
};

TEST(Cidr, PrintsWhatItParsed) {
  for (const char* text :
       {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.1/32", "2001:db8::/32", "::/0", "::1/128"}) {
    CHECK_EQUAL(std::string(text), Cidr::parse(text)->to_string());
  }
}

TEST(Cidr, BareAddressIsARangeOfOne) {
  CHECK_EQUAL(std::string("192.0.2.1/32"), Cidr::parse("192.0.2.1")->to_string());
  CHECK_EQUAL(std::string("2001:db8::1/128"), Cidr::parse("2001:db8::1")->to_string());
  CHECK_TRUE(Cidr::parse("192.0.2.1") == Cidr::single(*IpAddress::parse("192.0.2.1")));
  CHECK_TRUE(holds("192.0.2.1", "192.0.2.1"));
  CHECK_FALSE(holds("192.0.2.1", "192.0.2.2"));
}

TEST(Cidr, TextThatIsNoRangeIsRefused) {
  for (const char* text : {"",
                           "/",
                           "/8",
                           "10.0.0.0/",
                           "10.0.0.0/33",
                           "10.0.0.0/-1",
                           "10.0.0.0/+8",
                           "10.0.0.0/8 ",
                           "10.0.0.0/8/8",
                           "10.0.0.0/08x",
                           "10.0.0/8",
                           "2001:db8::/129",
                           "::/999999999999",
                           "10.0.0.0-10.0.0.9",
                           "example.org/8"}) {
    CHECK_FALSE(Cidr::parse(text).has_value());
  }
}

TEST(Cidr, BitsBehindThePrefixMustBeZero) {
  CHECK_FALSE(Cidr::parse("10.0.0.1/8").has_value());
  CHECK_FALSE(Cidr::parse("10.128.0.0/8").has_value());
  CHECK_TRUE(Cidr::parse("10.128.0.0/9").has_value());
  CHECK_FALSE(Cidr::parse("2001:db8::1/127").has_value());
  CHECK_FALSE(Cidr::parse("0.0.0.1/0").has_value());
}

TEST(Cidr, HoldsExactlyItsAddresses) {
  CHECK_TRUE(holds("100.64.0.0/10", "100.64.0.0"));
  CHECK_TRUE(holds("100.64.0.0/10", "100.127.255.255"));
  CHECK_FALSE(holds("100.64.0.0/10", "100.63.255.255"));
  CHECK_FALSE(holds("100.64.0.0/10", "100.128.0.0"));
  CHECK_TRUE(holds("2001::/23", "2001:1ff:ffff::1"));
  CHECK_FALSE(holds("2001::/23", "2001:200::"));
  CHECK_TRUE(holds("0.0.0.0/0", "255.255.255.255"));
  CHECK_TRUE(holds("::/0", "ffff::"));
}

TEST(Cidr, FamiliesDoNotMix) {
  CHECK_FALSE(holds("0.0.0.0/0", "::"));
  CHECK_FALSE(holds("::/0", "0.0.0.0"));
  CHECK_FALSE(holds("::ffff:0:0/96", "192.0.2.1"));
  CHECK_FALSE(holds_range("::/0", "0.0.0.0/0"));
}

TEST(Cidr, HoldsNarrowerRangesInsideIt) {
  CHECK_TRUE(holds_range("10.0.0.0/8", "10.0.0.0/8"));
  CHECK_TRUE(holds_range("10.0.0.0/8", "10.255.0.0/16"));
  CHECK_FALSE(holds_range("10.0.0.0/8", "0.0.0.0/0"));
  CHECK_FALSE(holds_range("10.0.0.0/8", "11.0.0.0/16"));
  CHECK_FALSE(holds_range("10.0.0.0/9", "10.0.0.0/8"));
}

TEST(Cidr, EveryPrefixLengthIsMaskedBitByBit) {
  const IpAddress zeros = *IpAddress::parse("::");
  for (unsigned bits = 0; bits <= 128; ++bits) {
    const Cidr range = *Cidr::parse("::/" + std::to_string(bits));
    CHECK_TRUE(range.contains(zeros));
    for (unsigned bit = 0; bit < 128; ++bit) {
      std::array<std::byte, 16> raw{};
      raw[bit / 8] = static_cast<std::byte>(0x80U >> (bit % 8));
      CHECK_EQUAL(bit >= bits, range.contains(*IpAddress::from_bytes(raw)));
    }
  }
}
