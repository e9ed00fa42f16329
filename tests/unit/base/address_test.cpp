// SPDX-License-Identifier: Apache-2.0
#include "base/address.hpp"

#include "support/hex.hpp"
#include "support/test.hpp"

#include <set>
#include <unordered_set>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace {

using base::Family;
using base::FiveTuple;
using base::IpAddress;
using base::Transport;
using base::TransportAddress;

}  // namespace

TEST_GROUP(Address) {
  static std::string printed(const char* text) {
    const auto ip = IpAddress::parse(text);
    return ip ? ip->to_string() : "refused";
  }

  static std::string printed_transport(std::string_view text) {
    const auto address = TransportAddress::parse(text);
    return address ? address->to_string() : "refused";
  }

  static TransportAddress address_of(const char* text) {
    return *TransportAddress::parse(text);
  }
};

TEST(Address, IpFromBytesTakesFourOrSixteen) {
  const auto v4 = IpAddress::from_bytes("c0000201"_hex);
  CHECK_EQUAL(Family::IPv4, v4->family());
  CHECK_TRUE(v4->is_ipv4());
  HEX_EQUAL("c0000201"_hex, v4->bytes());
  const auto raw = "20010db8000000000000000000000001"_hex;
  const auto v6 = IpAddress::from_bytes(raw);
  CHECK_EQUAL(Family::IPv6, v6->family());
  CHECK_FALSE(v6->is_ipv4());
  HEX_EQUAL(raw, v6->bytes());
  for (std::size_t size = 0; size <= 20; ++size) {
    CHECK_EQUAL(size == 4 || size == 16,
                IpAddress::from_bytes(support::repeated(1, size)).has_value());
  }
}

TEST(Address, IpPrintsInTheShortestForm) {
  CHECK_EQUAL(std::string("192.0.2.1"), printed("192.0.2.1"));
  CHECK_EQUAL(std::string("2001:db8::1"), printed("2001:0DB8:0:0:0:0:0:1"));
  CHECK_EQUAL(std::string("::"), printed("::"));
  CHECK_EQUAL(std::string("::1"), printed("0:0:0:0:0:0:0:1"));
  CHECK_EQUAL(std::string("::ffff:192.0.2.1"), printed("::ffff:c000:201"));
  CHECK_EQUAL(std::string("0.0.0.0"), IpAddress().to_string());
}

TEST(Address, IpTextThatIsNoAddressIsRefused) {
  for (const char* text : {"",
                           " ",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.256",
                           "1.2.3.-1",
                           " 1.2.3.4",
                           "1.2.3.4 ",
                           "0x7f.1",
                           "::g",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           ":::",
                           "1::2::3",
                           "fe80::1%eth0",
                           "[::1]",
                           "localhost",
                           "1.2.3.4:80"}) {
    CHECK_EQUAL(std::string("refused"), printed(text));
  }
}

TEST(Address, IpTextWithANulInsideIsRefused) {
  CHECK_FALSE(IpAddress::parse(std::string_view("127.0.0.1\0.evil", 15)).has_value());
  CHECK_FALSE(IpAddress::parse(std::string_view("::1\0", 4)).has_value());
}

TEST(Address, MappedAddressStaysIPv6) {
  const auto mapped = IpAddress::parse("::ffff:127.0.0.1");
  CHECK_EQUAL(Family::IPv6, mapped->family());
  CHECK_TRUE(*mapped != *IpAddress::parse("127.0.0.1"));
}

TEST(Address, UnspecifiedIsAllZeros) {
  CHECK_TRUE(IpAddress::parse("0.0.0.0")->is_unspecified());
  CHECK_TRUE(IpAddress::parse("::")->is_unspecified());
  CHECK_FALSE(IpAddress::parse("0.0.0.1")->is_unspecified());
  CHECK_FALSE(IpAddress::parse("::1")->is_unspecified());
  CHECK_FALSE(IpAddress::parse("8000::")->is_unspecified());
}

TEST(Address, FamiliesNeverCompareEqual) {
  CHECK_TRUE(*IpAddress::parse("0.0.0.0") != *IpAddress::parse("::"));
  // The same leading bytes.
  CHECK_TRUE(*IpAddress::parse("32.1.13.184") != *IpAddress::parse("2001:db8::"));
}

TEST(Address, TransportAddressPrintsWhatItParsed) {
  CHECK_EQUAL(std::string("192.0.2.1:3478"), printed_transport("192.0.2.1:3478"));
  CHECK_EQUAL(std::string("[2001:db8::1]:3478"), printed_transport("[2001:db8::1]:3478"));
  CHECK_EQUAL(std::string("0.0.0.0:0"), printed_transport("0.0.0.0:0"));
  CHECK_EQUAL(std::string("[::]:65535"), printed_transport("[::]:65535"));
}

TEST(Address, TransportTextThatIsNoneIsRefused) {
  for (const char* text : {"",
                           ":",
                           "192.0.2.1",
                           "192.0.2.1:",
                           ":3478",
                           "192.0.2.1:65536",
                           "192.0.2.1:-1",
                           "192.0.2.1:+1",
                           "192.0.2.1: 1",
                           "192.0.2.1:1 ",
                           "192.0.2.1:1x",
                           "192.0.2.1:0x50",
                           "[192.0.2.1]:3478",
                           "2001:db8::1:3478",
                           "::1",
                           "[::1]",
                           "[::1]3478",
                           "[::1:3478",
                           "::1]:3478",
                           "[]:1",
                           "[[::1]]:1",
                           "turn.example.org:3478",
                           "192.0.2.1:99999999999"}) {
    CHECK_EQUAL(std::string("refused"), printed_transport(text));
  }
}

TEST(Address, OrderIsTotal) {
  const std::set<TransportAddress> addresses = {address_of("192.0.2.2:1"),
                                                address_of("192.0.2.1:2"),
                                                address_of("192.0.2.1:1"),
                                                address_of("192.0.2.1:1"),
                                                address_of("[2001:db8::1]:1")};
  CHECK_EQUAL(std::size_t{4}, addresses.size());
  CHECK_TRUE(address_of("192.0.2.1:2") < address_of("192.0.2.2:1"));
}

TEST(Address, SockaddrRoundTripOfIPv4) {
  sockaddr_storage storage{};
  const std::uint32_t length = address_of("192.0.2.1:3478").to_sockaddr(storage);
  CHECK_EQUAL(sizeof(sockaddr_in), std::size_t{length});
  CHECK_EQUAL(AF_INET, int{storage.ss_family});
  CHECK_EQUAL(std::optional(address_of("192.0.2.1:3478")),
              TransportAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage)));
}

TEST(Address, SockaddrRoundTripOfIPv6) {
  sockaddr_storage storage{};
  const std::uint32_t length = address_of("[2001:db8::1]:443").to_sockaddr(storage);
  CHECK_EQUAL(sizeof(sockaddr_in6), std::size_t{length});
  sockaddr_in6 in6{};
  std::memcpy(&in6, &storage, sizeof in6);
  CHECK_EQUAL(AF_INET6, int{in6.sin6_family});
  CHECK_EQUAL(443, int{ntohs(in6.sin6_port)});
  CHECK_EQUAL(0U, in6.sin6_scope_id);
  CHECK_EQUAL(std::optional(address_of("[2001:db8::1]:443")),
              TransportAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage)));
}

TEST(Address, MappedSockaddrBecomesIPv4) {
  sockaddr_storage storage{};
  static_cast<void>(address_of("[::ffff:192.0.2.1]:99").to_sockaddr(storage));
  CHECK_EQUAL(AF_INET6, int{storage.ss_family});
  CHECK_EQUAL(std::optional(address_of("192.0.2.1:99")),
              TransportAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage)));
}

TEST(Address, CompatibleSockaddrStaysIPv6) {
  sockaddr_storage storage{};
  static_cast<void>(address_of("[::192.0.2.1]:99").to_sockaddr(storage));
  CHECK_EQUAL(std::optional(address_of("[::192.0.2.1]:99")),
              TransportAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage)));
}

TEST(Address, OtherSockaddrFamiliesAreNothing) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  CHECK_FALSE(
      TransportAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&local)).has_value());
}

TEST(Address, TransportHasAName) {
  CHECK_EQUAL(std::string("udp"), std::string(base::to_text(Transport::Udp)));
  CHECK_EQUAL(std::string("tcp"), std::string(base::to_text(Transport::Tcp)));
}

TEST(Address, FiveTuplesDifferInEveryPart) {
  const FiveTuple tuple{address_of("192.0.2.1:1"), address_of("192.0.2.9:3478"), Transport::Udp};
  FiveTuple other = tuple;
  CHECK_TRUE(tuple == other);
  other.client.port = 2;
  CHECK_TRUE(tuple != other);
  other = tuple;
  other.server.port = 2;
  CHECK_TRUE(tuple != other);
  other = tuple;
  other.transport = Transport::Tcp;
  CHECK_TRUE(tuple != other);
  CHECK_TRUE(std::hash<FiveTuple>{}(tuple) != std::hash<FiveTuple>{}(other));
}

TEST(Address, HashSpreadsTheAddressesAndPortsOfANetwork) {
  // Neighbouring addresses and ports, as clients behind one NAT or on one relay have them.
  std::unordered_set<std::size_t> whole;
  std::unordered_set<std::size_t> low_bits;
  auto raw = "c6336400"_hex;
  for (unsigned host = 0; host < 64; ++host) {
    raw[3] = static_cast<std::byte>(host);
    for (std::uint16_t port = 50'000; port < 50'064; ++port) {
      const std::size_t hash = base::hash_of({*IpAddress::from_bytes(raw), port});
      whole.insert(hash);
      low_bits.insert(hash % 4096);
    }
  }
  CHECK_EQUAL(std::size_t{4096}, whole.size());
  // 4096 balls in 4096 boxes leave 37 % of the boxes empty when thrown at random.
  CHECK_TRUE(low_bits.size() > 4096 / 2);
}

TEST(Address, HashUsesEveryByteOfAnIPv6Address) {
  auto raw = "20010db8000000000000000000000000"_hex;
  const std::size_t hash = base::hash_of({*IpAddress::from_bytes(raw), 1});
  for (std::size_t at = 0; at < raw.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto changed = raw;
      changed[at] ^= static_cast<std::byte>(1U << bit);
      CHECK_TRUE(hash != base::hash_of({*IpAddress::from_bytes(changed), 1}));
    }
  }
}

TEST(Address, HashOfIpIsThatOfPortZero) {
  const auto ip = *IpAddress::parse("192.0.2.1");
  CHECK_EQUAL(std::hash<TransportAddress>{}({ip, 0}), std::hash<IpAddress>{}(ip));
}
