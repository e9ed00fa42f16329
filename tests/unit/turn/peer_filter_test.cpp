// SPDX-License-Identifier: Apache-2.0
#include "turn/peer_filter.hpp"

#include "support/test.hpp"
#include "support/vectors.hpp"

#include <algorithm>

namespace {

using base::Cidr;
using base::IpAddress;
using turn::PeerFilter;
using turn::PeerVerdict;

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

/// First and last address of a range given as text.
std::pair<IpAddress, IpAddress> ends_of(const std::string& range) {
  const auto parts = support::split(range, '/');
  const IpAddress first = ip(parts[0]);
  const auto bits = static_cast<unsigned>(std::stoul(parts[1]));
  std::vector<std::byte> raw(first.bytes().begin(), first.bytes().end());
  for (unsigned bit = bits; bit < raw.size() * 8; ++bit) {
    raw[bit / 8] |= static_cast<std::byte>(0x80U >> (bit % 8));
  }
  return {first, *IpAddress::from_bytes(raw)};
}

/// The address that follows (+1) or precedes (-1); round the end of the address space.
IpAddress neighbour(const IpAddress& of, int step) {
  std::vector<std::byte> raw(of.bytes().begin(), of.bytes().end());
  for (std::size_t at = raw.size(); at > 0; --at) {
    const int sum = std::to_integer<int>(raw[at - 1]) + step;
    raw[at - 1] = static_cast<std::byte>(sum & 0xFF);
    if (sum >= 0 && sum <= 0xFF) {
      break;
    }
  }
  return *IpAddress::from_bytes(raw);
}

}  // namespace

TEST_GROUP(PeerFilter) {
  PeerFilter::Rules rules;
  std::vector<std::string> ranges = support::vector_lines("peer_ranges.txt");

  void setup() override {
    rules.relay_ports = {50'000, 50'099};
  }

  static std::string word(PeerVerdict verdict) {
    switch (verdict) {
      case PeerVerdict::Allowed:
        return "allowed";
      case PeerVerdict::OwnRelayed:
        return "own relayed";
      case PeerVerdict::Forbidden:
        return "forbidden";
    }
    return "?";
  }

  std::string judge(std::string_view peer, std::uint16_t port = 7'000) const {
    return word(PeerFilter(rules).judge({ip(peer), port}));
  }

  std::string judge_permission(std::string_view peer) const {
    return word(PeerFilter(rules).judge_permission(ip(peer)));
  }

  /// What the table of ranges says of an address.
  bool is_in_table(const IpAddress& address) const {
    return std::any_of(ranges.begin(), ranges.end(), [&](const std::string& range) {
      return Cidr::parse(range)->contains(address);
    });
  }

  void open(std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) {
      rules.allow.push_back(*Cidr::parse(text));
    }
  }

  void close(std::string_view text) {
    rules.deny.push_back(*Cidr::parse(text));
  }
};

TEST(PeerFilter, TableOfRangesIsForbiddenToItsEndsAndNotBeyond) {
  CHECK_EQUAL(std::size_t{45}, ranges.size());
  for (const std::string& range : ranges) {
    const auto [first, last] = ends_of(range);
    CHECK_EQUAL(std::string("forbidden"), judge(first.to_string()));
    CHECK_EQUAL(std::string("forbidden"), judge(last.to_string()));
    for (const IpAddress& beside : {neighbour(first, -1), neighbour(last, 1)}) {
      const bool is_allowed =
          !is_in_table(beside) && (beside.is_ipv4() || Cidr::parse("2000::/3")->contains(beside));
      CHECK_EQUAL(std::string(is_allowed ? "allowed" : "forbidden"), judge(beside.to_string()));
    }
  }
}

TEST(PeerFilter, TableOfAddressesIsJudgedTheSameOnEveryPath) {
  const auto rows = support::vector_table("peer_addresses.txt", ' ');
  CHECK_TRUE(rows.size() > 70);
  for (const auto& row : rows) {
    CHECK_EQUAL(row.front() + " " + row.back(), judge(row.back()) + " " + row.back());
    CHECK_EQUAL(row.front() + " " + row.back(), judge_permission(row.back()) + " " + row.back());
  }
}

TEST(PeerFilter, RangeOfAnAddressIsNamedForLogs) {
  const auto named = [](std::string_view text) {
    return PeerFilter::special_purpose_range(ip(text)).value_or("-");
  };
  CHECK_EQUAL(std::string("10.0.0.0/8"), named("10.1.2.3"));
  CHECK_EQUAL(std::string("::1/128"), named("::1"));
  CHECK_EQUAL(std::string("fc00::/7"), named("fd00::1"));
  CHECK_EQUAL(std::string("outside 2000::/3"), named("4000::1"));
  CHECK_EQUAL(std::string("ISATAP of 10.0.0.0/8"), named("2a00::5efe:10.0.0.1"));
  CHECK_EQUAL(std::string("-"), named("8.8.8.8"));
  CHECK_EQUAL(std::string("-"), named("2a00::1"));
}

TEST(PeerFilter, OperatorDeniesBesides) {
  close("8.8.0.0/16");
  close("2a00::/16");
  CHECK_EQUAL(std::string("forbidden"), judge("8.8.8.8"));
  CHECK_EQUAL(std::string("forbidden"), judge_permission("8.8.8.8"));
  CHECK_EQUAL(std::string("forbidden"), judge("2a00::1"));
  CHECK_EQUAL(std::string("allowed"), judge("8.9.0.0"));
}

TEST(PeerFilter, OperatorOpensWhatTheTableCloses) {
  open({"10.0.0.0/8", "127.0.0.1/32", "::1/128", "fd00::/8"});
  CHECK_EQUAL(std::string("allowed"), judge("10.1.2.3"));
  CHECK_EQUAL(std::string("allowed"), judge_permission("10.1.2.3"));
  CHECK_EQUAL(std::string("allowed"), judge("127.0.0.1"));
  CHECK_EQUAL(std::string("forbidden"), judge("127.0.0.2"));
  CHECK_EQUAL(std::string("allowed"), judge("::1"));
  CHECK_EQUAL(std::string("allowed"), judge("fd00::1"));
  CHECK_EQUAL(std::string("forbidden"), judge("fc00::1"));
}

TEST(PeerFilter, DenialGoesBeforeOpening) {
  open({"10.0.0.0/8"});
  close("10.1.0.0/16");
  CHECK_EQUAL(std::string("forbidden"), judge("10.1.0.1"));
  CHECK_EQUAL(std::string("allowed"), judge("10.2.0.1"));
}

TEST(PeerFilter, NothingOpensWhatOtherStacksDecode) {
  open({"0.0.0.0/0", "::/0"});
  for (const char* peer : {"0.0.0.0",
                           "0.1.2.3",
                           "224.0.0.1",
                           "239.1.1.1",
                           "255.255.255.255",
                           "::",
                           "::7f00:1",
                           "::ffff:127.0.0.1",
                           "::ffff:8.8.8.8",
                           "::ffff:0:127.0.0.1",
                           "2002:7f00:1::",
                           "2001:0:1::1",
                           "ff02::1"}) {
    CHECK_EQUAL(std::string("forbidden"), judge(peer));
    CHECK_EQUAL(std::string("forbidden"), judge_permission(peer));
  }
  CHECK_EQUAL(std::string("allowed"), judge("127.0.0.1"));
  CHECK_EQUAL(std::string("allowed"), judge("::1"));
}

TEST(PeerFilter, SomeRangesMayNeverBeConfiguredOpen) {
  for (const char* range : {"0.0.0.0/8",
                            "0.0.0.0/32",
                            "224.0.0.0/4",
                            "239.0.0.0/8",
                            "255.255.255.255/32",
                            "::/128",
                            "::/96",
                            "::127.0.0.1/128",
                            "::ffff:0:0/96",
                            "::ffff:10.0.0.0/104",
                            "2002::/16",
                            "2001::/32",
                            "ff00::/8"}) {
    CHECK_TRUE(PeerFilter::can_never_open(*Cidr::parse(range)));
  }
  for (const char* range : {"10.0.0.0/8",
                            "127.0.0.0/8",
                            "::1/128",
                            "fd00::/8",
                            "64:ff9b::/96",
                            "169.254.0.0/16",
                            "0.0.0.0/0",
                            "::/0"}) {
    CHECK_FALSE(PeerFilter::can_never_open(*Cidr::parse(range)));
  }
}

TEST(PeerFilter, OpenedNat64LeadsToTheRulesOfIPv4) {
  open({"64:ff9b::/96"});
  CHECK_EQUAL(std::string("allowed"), judge("64:ff9b::8.8.8.8"));
  for (const char* inside : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1"}) {
    CHECK_EQUAL(std::string("forbidden"), judge(std::string("64:ff9b::") + inside));
  }
  open({"10.0.0.0/8"});
  CHECK_EQUAL(std::string("allowed"), judge("64:ff9b::10.0.0.1"));
  close("8.8.0.0/16");
  CHECK_EQUAL(std::string("forbidden"), judge("64:ff9b::8.8.8.8"));
  rules.own = {ip("9.9.9.9")};
  CHECK_EQUAL(std::string("forbidden"), judge("64:ff9b::9.9.9.9"));
}

TEST(PeerFilter, LocalNat64OpensWithAllItsPrefixBitsOnly) {
  open({"64:ff9b:1::/48"});
  CHECK_EQUAL(std::string("forbidden"), judge("64:ff9b:1::8.8.8.8"));
  open({"64:ff9b:1:2::/96"});
  CHECK_EQUAL(std::string("allowed"), judge("64:ff9b:1:2::8.8.8.8"));
  CHECK_EQUAL(std::string("forbidden"), judge("64:ff9b:1:2::10.0.0.1"));
  CHECK_EQUAL(std::string("forbidden"), judge("64:ff9b:1:3::8.8.8.8"));
}

TEST(PeerFilter, IsatapOfADeniedAddressIsForbidden) {
  close("8.8.0.0/16");
  rules.own = {ip("9.9.9.9")};
  CHECK_EQUAL(std::string("forbidden"), judge("2a00::5efe:8.8.8.8"));
  CHECK_EQUAL(std::string("forbidden"), judge("2a00::200:5efe:8.8.8.8"));
  CHECK_EQUAL(std::string("forbidden"), judge("2a00::5efe:9.9.9.9"));
  CHECK_EQUAL(std::string("allowed"), judge("2a00::5efe:8.9.8.8"));
}

TEST(PeerFilter, OwnAddressesAreForbidden) {
  rules.own = {ip("8.8.4.4"), ip("2a00::4")};
  CHECK_EQUAL(std::string("forbidden"), judge("8.8.4.4"));
  CHECK_EQUAL(std::string("forbidden"), judge("8.8.4.4", 50'000));
  CHECK_EQUAL(std::string("forbidden"), judge_permission("8.8.4.4"));
  CHECK_EQUAL(std::string("forbidden"), judge("2a00::4"));
}

TEST(PeerFilter, OwnRelayedAddressesStayInside) {
  rules.relay = {{ip("8.8.4.4"), ip("8.8.4.4")}, {ip("10.0.0.5"), ip("9.9.9.5")}};
  rules.own = {ip("8.8.4.4"), ip("10.0.0.5")};
  for (const char* relay : {"8.8.4.4", "10.0.0.5", "9.9.9.5"}) {
    CHECK_EQUAL(std::string("own relayed"), judge(relay, 50'000));
    CHECK_EQUAL(std::string("own relayed"), judge(relay, 50'099));
    CHECK_EQUAL(std::string("forbidden"), judge(relay, 49'999));
    CHECK_EQUAL(std::string("forbidden"), judge(relay, 50'100));
    CHECK_EQUAL(std::string("forbidden"), judge(relay, 3'478));
    CHECK_EQUAL(std::string("own relayed"), judge_permission(relay));
  }
  close("8.8.4.4");
  CHECK_EQUAL(std::string("forbidden"), judge("8.8.4.4", 50'000));
  CHECK_EQUAL(std::string("forbidden"), judge_permission("8.8.4.4"));
}

TEST(PeerFilter, LocalRelayAddressesAreKnownByTheirExternalForm) {
  rules.relay = {{ip("10.0.0.5"), ip("9.9.9.5")}};
  const PeerFilter filter(rules);
  const auto canonical = [&](const char* text) {
    return filter.canonical(*base::TransportAddress::parse(text)).to_string();
  };
  CHECK_EQUAL(std::string("9.9.9.5:50000"), canonical("10.0.0.5:50000"));
  CHECK_EQUAL(std::string("10.0.0.5:3478"), canonical("10.0.0.5:3478"));
  CHECK_EQUAL(std::string("9.9.9.5:50000"), canonical("9.9.9.5:50000"));
  CHECK_EQUAL(std::string("8.8.8.8:50000"), canonical("8.8.8.8:50000"));
  CHECK_EQUAL(ip("9.9.9.5"), filter.canonical_ip(ip("10.0.0.5")));
  CHECK_EQUAL(ip("8.8.8.8"), filter.canonical_ip(ip("8.8.8.8")));
}
