// SPDX-License-Identifier: Apache-2.0
#include "stun/message_builder.hpp"

#include "stun/message_view.hpp"
#include "support/abort.hpp"
#include "support/hex.hpp"
#include "support/raw_message.hpp"
#include "support/test.hpp"

namespace {

using base::TransportAddress;
using stun::AttributeType;
using stun::ErrorCode;
using stun::IntegrityKind;
using stun::MessageBuilder;
using stun::MessageClass;
using stun::Method;
using support::RawMessage;

constexpr std::size_t kHeader = stun::kHeaderSize;

}  // namespace

TEST_GROUP(MessageBuilder) {
  /// Whatever the builder leaves unwritten shows up as ff.
  std::vector<std::byte> buffer = support::repeated(0xFF, 600);
  const TransportAddress v4 = *TransportAddress::parse("192.0.2.1:32853");
  const TransportAddress v6 = *TransportAddress::parse("[2001:db8::1]:443");

  MessageBuilder success() {
    return {buffer, MessageClass::Success, Method::Binding, support::kTransactionId};
  }

  static RawMessage raw_success() {
    return {MessageClass::Success, Method::Binding};
  }

  /// What was written behind the header.
  static std::string body(const MessageBuilder& builder) {
    return base::to_hex(builder.finish().subspan(kHeader));
  }
};

TEST(MessageBuilder, WritesTheHeader) {
  const MessageBuilder builder = success();
  CHECK_EQUAL(kHeader, builder.size());
  HEX_EQUAL("0101 0000 2112a442 0102030405060708090a0b0c"_hex, builder.finish());
}

TEST(MessageBuilder, TypeOfEveryMethodAndClassIsThatOfTheRfc) {
  for (unsigned method = 0; method <= 0xFFF; ++method) {
    for (unsigned message_class = 0; message_class < 4; ++message_class) {
      const RawMessage raw(static_cast<MessageClass>(message_class), static_cast<Method>(method));
      CHECK_EQUAL(base::load_u16(raw.bytes().data()),
                  stun::message_type(static_cast<MessageClass>(message_class),
                                     static_cast<Method>(method)));
    }
  }
}

TEST(MessageBuilder, KnownTypesOnTheWire) {
  CHECK_EQUAL(0x0001, int{stun::message_type(MessageClass::Request, Method::Binding)});
  CHECK_EQUAL(0x0103, int{stun::message_type(MessageClass::Success, Method::Allocate)});
  CHECK_EQUAL(0x0113, int{stun::message_type(MessageClass::Error, Method::Allocate)});
  CHECK_EQUAL(0x0016, int{stun::message_type(MessageClass::Indication, Method::Send)});
  CHECK_EQUAL(0x0017, int{stun::message_type(MessageClass::Indication, Method::Data)});
}

TEST(MessageBuilder, AnswerKeepsTheCookieOfAClassicRequest) {
  const auto cookie_and_id = "deadbeef 0102030405060708090a0b0c"_hex;
  const MessageBuilder builder(
      buffer, MessageClass::Success, Method::Binding, base::Bytes(cookie_and_id));
  HEX_EQUAL("0101 0000 deadbeef 0102030405060708090a0b0c"_hex, builder.finish());
}

TEST(MessageBuilder, PaddingIsZerosWhateverTheBufferHeld) {
  MessageBuilder builder = success();
  builder.add_text(AttributeType::Realm, "a");
  builder.add_text(AttributeType::Realm, "ab");
  builder.add_text(AttributeType::Realm, "abc");
  builder.add_text(AttributeType::Realm, "abcd");
  builder.add_text(AttributeType::Realm, "");
  CHECK_EQUAL(std::string("0014000161000000"
                          "0014000261620000"
                          "0014000361626300"
                          "0014000461626364"
                          "00140000"),
              body(builder));
}

TEST(MessageBuilder, NothingBehindTheMessageIsTouched) {
  MessageBuilder builder = success();
  builder.add_text(AttributeType::Realm, "example.org");
  builder.add_integrity(IntegrityKind::Sha1, base::bytes_of("key"));
  builder.add_fingerprint();
  for (std::size_t at = builder.size(); at < buffer.size(); ++at) {
    CHECK_EQUAL(std::byte{0xFF}, buffer[at]);
  }
}

TEST(MessageBuilder, LengthIsTrueAfterEachAttribute) {
  MessageBuilder builder = success();
  const auto length_is_true = [&] {
    CHECK_EQUAL(builder.size() - kHeader, std::size_t{base::load_u16(builder.finish().data() + 2)});
  };
  builder.add_u32(AttributeType::Lifetime, 600);
  length_is_true();
  builder.add_text(AttributeType::Nonce, "12345");
  length_is_true();
  builder.add_xor_address(AttributeType::XorRelayedAddress, v6);
  length_is_true();
  builder.add_error(ErrorCode::StaleNonce, "");
  length_is_true();
  builder.add_integrity(IntegrityKind::Sha256, base::bytes_of("key"));
  length_is_true();
  builder.add_fingerprint();
  length_is_true();
}

TEST(MessageBuilder, NumberIsBigEndian) {
  MessageBuilder builder = success();
  builder.add_u32(AttributeType::Lifetime, 0x01020304);
  CHECK_EQUAL(std::string("000d000401020304"), body(builder));
}

TEST(MessageBuilder, XorAddressesAreMasked) {
  MessageBuilder builder = success();
  builder.add_xor_address(AttributeType::XorMappedAddress, v4);
  builder.add_xor_address(AttributeType::XorRelayedAddress, v6);
  const auto expected = raw_success()
                            .add_xor_address(AttributeType::XorMappedAddress, v4)
                            .add_xor_address(AttributeType::XorRelayedAddress, v6);
  HEX_EQUAL(expected.bytes(), builder.finish());
}

TEST(MessageBuilder, MappedAddressIsClear) {
  MessageBuilder builder = success();
  builder.add_mapped_address(v4);
  builder.add_mapped_address(v6);
  CHECK_EQUAL(std::string("0001000800018055c0000201"
                          "00010014000201bb20010db8000000000000000000000001"),
              body(builder));
}

TEST(MessageBuilder, ErrorCodeIsHundredsAndRest) {
  MessageBuilder builder = success();
  builder.add_error(ErrorCode::Unauthenticated, "");
  builder.add_error(ErrorCode::InsufficientCapacity, "Full");
  builder.add_error(ErrorCode::TryAlternate, "a");
  CHECK_EQUAL(std::string("0009000400000401"
                          "000900080000050846756c6c"
                          "000900050000030061000000"),
              body(builder));
}

TEST(MessageBuilder, AddressErrorCodeNamesTheFamily) {
  MessageBuilder builder = success();
  builder.add_address_error(base::Family::IPv6, ErrorCode::AddressFamilyNotSupported);
  builder.add_address_error(base::Family::IPv4, ErrorCode::InsufficientCapacity);
  CHECK_EQUAL(std::string("8001000402000428"
                          "8001000401000508"),
              body(builder));
}

TEST(MessageBuilder, IntegrityAndFingerprintAreThoseOfTheRfc) {
  const auto key = support::from_text("key");
  MessageBuilder builder = success();
  builder.add_text(AttributeType::Software, "abc");
  builder.add_integrity(IntegrityKind::Sha1, key);
  builder.add_integrity(IntegrityKind::Sha256, key);
  builder.add_fingerprint();
  const auto expected = raw_success()
                            .add(AttributeType::Software, "abc")
                            .add_integrity(IntegrityKind::Sha1, key)
                            .add_integrity(IntegrityKind::Sha256, key)
                            .add_fingerprint();
  HEX_EQUAL(expected.bytes(), builder.finish());
}

TEST(MessageBuilder, WhatIsBuiltParses) {
  MessageBuilder builder = success();
  builder.add_text(AttributeType::Software, "abc");
  builder.add_fingerprint();
  CHECK_TRUE(stun::MessageView::parse(builder.finish()).has_value());
}

TEST(MessageBuilder, BufferThatJustFitsIsEnough) {
  std::vector<std::byte> exact(kHeader + 8);
  MessageBuilder builder(exact, MessageClass::Success, Method::Binding, support::kTransactionId);
  builder.add_text(AttributeType::Realm, "a");
  CHECK_EQUAL(exact.size(), builder.size());
}

TEST(MessageBuilder, RunningOutOfBufferIsABug) {
  CHECK_TRUE(support::aborts([] {
    std::vector<std::byte> small(kHeader - 1);
    const MessageBuilder builder(
        small, MessageClass::Success, Method::Binding, support::kTransactionId);
  }));
  CHECK_TRUE(support::aborts([] {
    std::vector<std::byte> small(kHeader + 7);
    MessageBuilder builder(small, MessageClass::Success, Method::Binding, support::kTransactionId);
    builder.add_text(AttributeType::Realm, "a");
  }));
}

TEST(MessageBuilder, MessageBeyondTheLengthFieldIsABug) {
  CHECK_TRUE(support::aborts([] {
    std::vector<std::byte> large(stun::kMessageSizeMax + 100);
    MessageBuilder builder(large, MessageClass::Success, Method::Binding, support::kTransactionId);
    builder.add(AttributeType::Data, support::repeated(0, 0xFFF8));
    builder.add(AttributeType::Software, {});
  }));
}

TEST(MessageBuilder, TransactionIdOfAnotherSizeIsABug) {
  CHECK_TRUE(support::aborts([] {
    std::vector<std::byte> some(kHeader);
    const MessageBuilder builder(
        some, MessageClass::Success, Method::Binding, base::Bytes("0102"_hex));
  }));
}
