// SPDX-License-Identifier: Apache-2.0
#include "stun/types.hpp"

#include "stun/attributes.hpp"
#include "support/test.hpp"
#include "support/vectors.hpp"

#include <charconv>
#include <map>

namespace {

using stun::AttributeType;
using stun::ErrorCode;
using stun::Method;

using Registry = std::map<unsigned, std::string>;

constexpr std::pair<Method, const char*> kMethods[] = {
    {Method::Binding, "Binding"},
    {Method::Allocate, "Allocate"},
    {Method::Refresh, "Refresh"},
    {Method::Send, "Send"},
    {Method::Data, "Data"},
    {Method::CreatePermission, "CreatePermission"},
    {Method::ChannelBind, "ChannelBind"},
};

constexpr std::pair<AttributeType, const char*> kAttributes[] = {
    {AttributeType::MappedAddress, "MAPPED-ADDRESS"},
    {AttributeType::Username, "USERNAME"},
    {AttributeType::MessageIntegrity, "MESSAGE-INTEGRITY"},
    {AttributeType::ErrorCode, "ERROR-CODE"},
    {AttributeType::UnknownAttributes, "UNKNOWN-ATTRIBUTES"},
    {AttributeType::ChannelNumber, "CHANNEL-NUMBER"},
    {AttributeType::Lifetime, "LIFETIME"},
    {AttributeType::XorPeerAddress, "XOR-PEER-ADDRESS"},
    {AttributeType::Data, "DATA"},
    {AttributeType::Realm, "REALM"},
    {AttributeType::Nonce, "NONCE"},
    {AttributeType::XorRelayedAddress, "XOR-RELAYED-ADDRESS"},
    {AttributeType::RequestedAddressFamily, "REQUESTED-ADDRESS-FAMILY"},
    {AttributeType::EvenPort, "EVEN-PORT"},
    {AttributeType::RequestedTransport, "REQUESTED-TRANSPORT"},
    {AttributeType::DontFragment, "DONT-FRAGMENT"},
    {AttributeType::MessageIntegritySha256, "MESSAGE-INTEGRITY-SHA256"},
    {AttributeType::PasswordAlgorithm, "PASSWORD-ALGORITHM"},
    {AttributeType::Userhash, "USERHASH"},
    {AttributeType::XorMappedAddress, "XOR-MAPPED-ADDRESS"},
    {AttributeType::ReservationToken, "RESERVATION-TOKEN"},
    {AttributeType::AdditionalAddressFamily, "ADDITIONAL-ADDRESS-FAMILY"},
    {AttributeType::AddressErrorCode, "ADDRESS-ERROR-CODE"},
    {AttributeType::PasswordAlgorithms, "PASSWORD-ALGORITHMS"},
    {AttributeType::AlternateDomain, "ALTERNATE-DOMAIN"},
    {AttributeType::Icmp, "ICMP"},
    {AttributeType::Software, "SOFTWARE"},
    {AttributeType::AlternateServer, "ALTERNATE-SERVER"},
    {AttributeType::Fingerprint, "FINGERPRINT"},
};

constexpr std::pair<stun::PasswordAlgorithm, const char*> kPasswordAlgorithms[] = {
    {stun::PasswordAlgorithm::Md5, "MD5"},
    {stun::PasswordAlgorithm::Sha256, "SHA-256"},
};

}  // namespace

TEST_GROUP(Types) {
  /// Numbers and names of one registry of tests/vectors/iana.csv.
  static Registry registry(const char* name) {
    Registry rows;
    for (const auto& row : support::vector_table("iana.csv", ',')) {
      if (row[0] == name) {
        rows[number_of(row[1])] = row[2];
      }
    }
    return rows;
  }

  static unsigned number_of(std::string_view text) {
    const bool is_hex = text.substr(0, 2) == "0x";
    text.remove_prefix(is_hex ? 2 : 0);
    unsigned number = 0;
    static_cast<void>(
        std::from_chars(text.data(), text.data() + text.size(), number, is_hex ? 16 : 10));
    return number;
  }

  /// That `ours` and the registry hold the same numbers under the same names, reserved numbers
  /// aside.
  template <typename Table>
  static void same(const Table& ours, const char* name) {
    Registry expected = registry(name);
    std::erase_if(expected, [](const auto& row) { return row.second == "Reserved"; });
    Registry actual;
    for (const auto& [number, text] : ours) {
      actual[static_cast<unsigned>(number)] = text;
    }
    CHECK_TRUE(!expected.empty());
    for (const auto& [number, text] : expected) {
      CHECK_EQUAL(text, actual[number]);
    }
    CHECK_EQUAL(expected.size(), actual.size());
  }
};

TEST(Types, MethodsAreThoseOfTheRegistry) {
  same(kMethods, "method");
}

TEST(Types, AttributesAreThoseOfTheRegistry) {
  same(kAttributes, "attribute");
}

TEST(Types, PasswordAlgorithmsAreThoseOfTheRegistry) {
  same(kPasswordAlgorithms, "password");
}

TEST(Types, ReasonPhrasesAreThoseOfTheRegistry) {
  Registry errors = registry("error");
  CHECK_EQUAL(std::size_t{14}, errors.size());
  for (unsigned code = 0; code <= 0xFFFF; ++code) {
    const std::string phrase(stun::reason_phrase(static_cast<ErrorCode>(code)));
    const auto row = errors.find(code);
    CHECK_EQUAL(row == errors.end() ? std::string() : row->second, phrase);
  }
}

TEST(Types, ComprehensionRequiredIsKnownExactlyWhenRegistered) {
  const Registry attributes = registry("attribute");
  for (unsigned type = 0; type < 0x8000; ++type) {
    const auto row = attributes.find(type);
    const bool known = row != attributes.end() && row->second != "Reserved";
    CHECK_EQUAL(!known, stun::is_unknown_comprehension_required(static_cast<AttributeType>(type)));
  }
}

TEST(Types, ChangeRequestKeepsItsOldNumber) {
  // RFC 3489 §11.2.4, reserved since RFC 5389.
  CHECK_EQUAL(0x0003, static_cast<int>(AttributeType::ChangeRequest));
}

TEST(Types, PaddedRoundsUpToFour) {
  CHECK_EQUAL(std::size_t{0}, stun::padded(0));
  for (std::size_t size = 1; size <= 4; ++size) {
    CHECK_EQUAL(std::size_t{4}, stun::padded(size));
  }
  CHECK_EQUAL(std::size_t{8}, stun::padded(5));
  CHECK_EQUAL(std::size_t{0x10000}, stun::padded(0xFFFF));
}
