// SPDX-License-Identifier: Apache-2.0
#include "stun/attributes.hpp"

#include "support/hex.hpp"
#include "support/raw_message.hpp"
#include "support/test.hpp"

namespace {

using base::TransportAddress;
using stun::AttributeType;

}  // namespace

TEST_GROUP(Attributes) {
  /// The value of XOR-PEER-ADDRESS as the other implementation writes it.
  static std::vector<std::byte> xor_value(const TransportAddress& address) {
    const support::RawMessage message =
        support::RawMessage(stun::MessageClass::Request, stun::Method::CreatePermission)
            .add_xor_address(AttributeType::XorPeerAddress, address);
    return {message.bytes().begin() + 24, message.bytes().end()};
  }

  static std::optional<TransportAddress> parsed(base::Bytes value) {
    return stun::parse_xor_address(value, support::kTransactionId);
  }

  /// Calls `parse` with 0 to 40 bytes and checks that it takes `size` alone.
  template <typename Parse>
  static void takes_only(std::size_t size, Parse parse) {
    for (std::size_t count = 0; count <= 40; ++count) {
      CHECK_EQUAL(count == size, parse(support::repeated(0, count)).has_value());
    }
  }
};

TEST(Attributes, XorAddressOfEitherFamilyIsUnmasked) {
  for (const char* text : {"192.0.2.1:32853",
                           "0.0.0.0:0",
                           "255.255.255.255:65535",
                           "[2001:db8::1]:443",
                           "[::]:0",
                           "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
                           "[::ffff:127.0.0.1]:80"}) {
    const auto address = TransportAddress::parse(text);
    CHECK_EQUAL(address, parsed(xor_value(*address)));
  }
}

TEST(Attributes, XorAddressIgnoresItsFirstByte) {
  auto value = xor_value(*TransportAddress::parse("192.0.2.1:1"));
  value[0] = std::byte{0xFF};
  CHECK_EQUAL(TransportAddress::parse("192.0.2.1:1"), parsed(value));
}

TEST(Attributes, XorAddressOfAnotherFamilyIsNothing) {
  for (const int family : {0, 3, 4, 6, 10, 0x81, 0xFF}) {
    for (const char* text : {"192.0.2.1:1", "[2001:db8::1]:1"}) {
      auto value = xor_value(*TransportAddress::parse(text));
      value[1] = static_cast<std::byte>(family);
      CHECK_FALSE(parsed(value).has_value());
    }
  }
}

TEST(Attributes, XorAddressOfAnotherLengthIsNothing) {
  for (std::size_t size = 0; size <= 40; ++size) {
    auto v4 = support::repeated(1, size);
    CHECK_EQUAL(size == 8, parsed(v4).has_value());
    auto v6 = support::repeated(2, size);
    CHECK_EQUAL(size == 20, parsed(v6).has_value());
  }
}

TEST(Attributes, NumberIsFourBytes) {
  takes_only(4, stun::parse_u32);
  CHECK_EQUAL(std::optional<std::uint32_t>(0xFFFEFDFC), stun::parse_u32("fffefdfc"_hex));
}

TEST(Attributes, ChannelNumberIsTheFirstHalf) {
  takes_only(4, stun::parse_channel_number);
  // The other half is reserved and ignored on receipt.
  CHECK_EQUAL(std::optional<std::uint16_t>(0x4001), stun::parse_channel_number("4001ffff"_hex));
}

TEST(Attributes, FamilyIsTheFirstByteAsItCame) {
  takes_only(4, stun::parse_family);
  CHECK_EQUAL(std::optional<std::uint8_t>(0x02), stun::parse_family("02ffffff"_hex));
  CHECK_EQUAL(std::optional<std::uint8_t>(0x77), stun::parse_family("77000000"_hex));
}

TEST(Attributes, ProtocolIsTheFirstByteAsItCame) {
  takes_only(4, stun::parse_protocol);
  CHECK_EQUAL(std::optional<std::uint8_t>(17), stun::parse_protocol("11ffffff"_hex));
  CHECK_EQUAL(std::optional<std::uint8_t>(6), stun::parse_protocol("06000000"_hex));
}

TEST(Attributes, EvenPortIsItsHighestBit) {
  takes_only(1, stun::parse_even_port);
  CHECK_EQUAL(std::optional(true), stun::parse_even_port("80"_hex));
  CHECK_EQUAL(std::optional(true), stun::parse_even_port("ff"_hex));
  CHECK_EQUAL(std::optional(false), stun::parse_even_port("7f"_hex));
  CHECK_EQUAL(std::optional(false), stun::parse_even_port("00"_hex));
}

TEST(Attributes, PasswordAlgorithmHasNoParameters) {
  takes_only(4, stun::parse_password_algorithm);
  CHECK_EQUAL(std::optional<std::uint16_t>(2), stun::parse_password_algorithm("00020000"_hex));
  CHECK_FALSE(stun::parse_password_algorithm("00020004"_hex).has_value());
  CHECK_FALSE(stun::parse_password_algorithm("0002000401020304"_hex).has_value());
}

TEST(Attributes, ComprehensionOptionalTypesAreNeverRefused) {
  for (unsigned type = 0x8000; type <= 0xFFFF; ++type) {
    CHECK_FALSE(stun::is_unknown_comprehension_required(static_cast<AttributeType>(type)));
  }
}
