// SPDX-License-Identifier: Apache-2.0
#include "stun/message_view.hpp"

#include "support/hex.hpp"
#include "support/raw_message.hpp"
#include "support/test.hpp"

namespace {

using stun::AttributeType;
using stun::IntegrityKind;
using stun::MessageClass;
using stun::MessageView;
using stun::Method;
using stun::ParseError;
using support::RawMessage;

}  // namespace

TEST_GROUP(MessageView) {
  const std::vector<std::byte> key = support::from_text("key");

  static RawMessage request() {
    return {MessageClass::Request, Method::Binding};
  }

  static void parses(const RawMessage& message) {
    CHECK_TRUE(MessageView::parse(message.bytes()).has_value());
  }

  static void fails(ParseError expected, base::Bytes message) {
    const auto parsed = MessageView::parse(message);
    CHECK_FALSE(parsed.has_value());
    CHECK_EQUAL(expected, parsed.error());
  }

  static void fails(ParseError expected, const RawMessage& message) {
    fails(expected, message.bytes());
  }

  /// Types of the attributes that for_each shows.
  static std::vector<AttributeType> visible(const MessageView& view) {
    std::vector<AttributeType> types;
    view.for_each([&](const stun::Attribute& attribute) { types.push_back(attribute.type); });
    return types;
  }

  static bool found(const MessageView& view, AttributeType type) {
    return view.find(type).has_value();
  }
};

TEST(MessageView, HeaderAloneIsAMessage) {
  const auto bytes = "0001 0000 2112a442 0102030405060708090a0b0c"_hex;
  const auto view = MessageView::parse(bytes);
  CHECK_TRUE(view.has_value());
  CHECK_EQUAL(Method::Binding, view->method());
  CHECK_EQUAL(MessageClass::Request, view->message_class());
  HEX_EQUAL("0102030405060708090a0b0c"_hex, view->transaction_id());
  HEX_EQUAL("2112a4420102030405060708090a0b0c"_hex, view->cookie_and_transaction_id());
  POINTERS_EQUAL(bytes.data(), view->bytes().data());
  CHECK_EQUAL(bytes.size(), view->bytes().size());
  CHECK_FALSE(view->has_fingerprint());
  CHECK_EQUAL(std::vector<AttributeType>{}, visible(*view));
  CHECK_FALSE(view->integrity_offset(IntegrityKind::Sha1).has_value());
  CHECK_FALSE(view->integrity_offset(IntegrityKind::Sha256).has_value());
}

TEST(MessageView, EveryMethodAndClassIsTakenApart) {
  for (unsigned method = 0; method <= 0xFFF; ++method) {
    for (unsigned message_class = 0; message_class < 4; ++message_class) {
      const RawMessage message(static_cast<MessageClass>(message_class),
                               static_cast<Method>(method));
      const auto view = MessageView::parse(message.bytes());
      CHECK_TRUE(view.has_value());
      CHECK_EQUAL(static_cast<Method>(method), view->method());
      CHECK_EQUAL(static_cast<MessageClass>(message_class), view->message_class());
    }
  }
}

TEST(MessageView, FewerBytesThanAHeaderAreTooShort) {
  const RawMessage message = request();
  for (std::size_t size = 0; size < stun::kHeaderSize; ++size) {
    fails(ParseError::TooShort, base::Bytes(message.bytes()).first(size));
  }
}

TEST(MessageView, EitherOfTheFirstTwoBitsIsNotStun) {
  for (const int first : {0x40, 0x80, 0xC0, 0xFF}) {
    auto bytes = request().bytes();
    bytes[0] = static_cast<std::byte>(first);
    fails(ParseError::NotStun, bytes);
  }
}

TEST(MessageView, OtherCookieIsNoMagicCookie) {
  for (unsigned bit = 0; bit < 32; ++bit) {
    fails(ParseError::NoMagicCookie, request().set_cookie(stun::kMagicCookie ^ (1U << bit)));
  }
}

TEST(MessageView, LengthThatIsNotWhatCameIsBad) {
  RawMessage message = request().add_u32(AttributeType::Lifetime, 1);
  for (const std::uint16_t length : std::initializer_list<std::uint16_t>{0, 4, 12, 0xFFFC}) {
    fails(ParseError::BadLength, message.set_length(length));
  }
  message.set_length(8);
  parses(message);
  auto longer = message.bytes();
  longer.resize(longer.size() + 4);
  fails(ParseError::BadLength, longer);
}

TEST(MessageView, LengthThatIsNoMultipleOfFourIsBad) {
  for (std::size_t extra = 1; extra < 4; ++extra) {
    auto bytes = request().bytes();
    bytes.resize(bytes.size() + extra);
    base::store_u16(bytes.data() + 2, static_cast<std::uint16_t>(extra));
    fails(ParseError::BadLength, bytes);
  }
}

TEST(MessageView, AttributeReachingPastTheEndIsBad) {
  for (const std::uint16_t length :
       std::initializer_list<std::uint16_t>{5, 8, 0xFFFC, 0xFFFD, 0xFFFF}) {
    fails(ParseError::BadAttribute,
          request().add_unpadded(AttributeType::Software, length, support::repeated(0, 4)));
  }
}

TEST(MessageView, AttributeWhosePaddingIsCutOffIsBad) {
  // Three bytes and their padding are four: this attribute claims three and has none.
  fails(ParseError::BadAttribute, request().add_unpadded(AttributeType::Software, 3, {}));
}

TEST(MessageView, AttributesOfAnyLengthAreFoundWithoutTheirPadding) {
  for (std::size_t size = 0; size < 9; ++size) {
    const auto value = support::repeated(0x77, size);
    const auto message = request()
                             .pad_with(std::byte{0xEE})
                             .add(AttributeType::Software, value)
                             .add_u32(AttributeType::Lifetime, 600);
    const auto view = MessageView::parse(message.bytes());
    CHECK_TRUE(view.has_value());
    HEX_EQUAL(value, *view->find(AttributeType::Software));
    HEX_EQUAL("00000258"_hex, *view->find(AttributeType::Lifetime));
    CHECK_FALSE(found(*view, AttributeType::Data));
  }
}

TEST(MessageView, LargestMessageParses) {
  const auto value = support::repeated(1, 0xFFF8);
  const auto message = request().add(AttributeType::Data, value);
  CHECK_EQUAL(stun::kMessageSizeMax, message.bytes().size());
  const auto view = MessageView::parse(message.bytes());
  CHECK_TRUE(view.has_value());
  CHECK_EQUAL(value.size(), view->find(AttributeType::Data)->size());
}

TEST(MessageView, FirstOfRepeatedAttributesCounts) {
  const auto message = request()
                           .add(AttributeType::Username, "first")
                           .add(AttributeType::Username, "second")
                           .add(AttributeType::Realm, "realm");
  const auto view = MessageView::parse(message.bytes());
  CHECK_TRUE(base::text_of(*view->find(AttributeType::Username)) == "first");
  CHECK_EQUAL((std::vector{AttributeType::Username, AttributeType::Username, AttributeType::Realm}),
              visible(*view));
}

TEST(MessageView, ForEachShowsTypesAndValuesInOrder) {
  const auto message =
      request().add(AttributeType::Software, "abcde").add(static_cast<AttributeType>(0x7FFF), "");
  const auto view = MessageView::parse(message.bytes());
  std::string seen;
  view->for_each([&](const stun::Attribute& attribute) {
    seen += support::to_text(attribute.type) + ":" + base::to_hex(attribute.value) + " ";
  });
  CHECK_EQUAL(std::string("32802:6162636465 32767: "), seen);
}

TEST(MessageView, IntegrityAttributesAreNotShown) {
  const auto message = request()
                           .add(AttributeType::Username, "u")
                           .add_integrity(IntegrityKind::Sha1, key)
                           .add_integrity(IntegrityKind::Sha256, key)
                           .add_fingerprint();
  const auto view = MessageView::parse(message.bytes());
  CHECK_EQUAL((std::vector{AttributeType::Username}), visible(*view));
  CHECK_EQUAL(std::optional<std::size_t>(28), view->integrity_offset(IntegrityKind::Sha1));
  CHECK_EQUAL(std::optional<std::size_t>(52), view->integrity_offset(IntegrityKind::Sha256));
  CHECK_TRUE(view->has_fingerprint());
}

TEST(MessageView, AttributesBehindMessageIntegrityAreUnseen) {
  const auto message = request()
                           .add_u32(AttributeType::Lifetime, 600)
                           .add_integrity(IntegrityKind::Sha1, key)
                           .add_u32(AttributeType::Lifetime, 0)
                           .add(AttributeType::Username, "other");
  const auto view = MessageView::parse(message.bytes());
  HEX_EQUAL("00000258"_hex, *view->find(AttributeType::Lifetime));
  CHECK_FALSE(found(*view, AttributeType::Username));
  CHECK_EQUAL((std::vector{AttributeType::Lifetime}), visible(*view));
}

TEST(MessageView, AttributesBehindMessageIntegritySha256AreUnseen) {
  const auto message = request()
                           .add_integrity(IntegrityKind::Sha256, key)
                           .add(AttributeType::Username, "other")
                           .add_fingerprint();
  const auto view = MessageView::parse(message.bytes());
  CHECK_FALSE(found(*view, AttributeType::Username));
  CHECK_EQUAL(std::optional<std::size_t>(20), view->integrity_offset(IntegrityKind::Sha256));
  CHECK_TRUE(view->has_fingerprint());
}

TEST(MessageView, Sha256BehindAnUnseenAttributeStillCounts) {
  // RFC 8489 §14.5: behind MESSAGE-INTEGRITY only MESSAGE-INTEGRITY-SHA256 and FINGERPRINT are
  // looked at.
  const auto message = request()
                           .add_integrity(IntegrityKind::Sha1, key)
                           .add(AttributeType::Software, "x")
                           .add_integrity(IntegrityKind::Sha256, key);
  const auto view = MessageView::parse(message.bytes());
  CHECK_EQUAL(std::optional<std::size_t>(20), view->integrity_offset(IntegrityKind::Sha1));
  CHECK_EQUAL(std::optional<std::size_t>(52), view->integrity_offset(IntegrityKind::Sha256));
  CHECK_EQUAL(std::vector<AttributeType>{}, visible(*view));
}

TEST(MessageView, MessageIntegrityBehindSha256IsUnseen) {
  const auto message =
      request().add_integrity(IntegrityKind::Sha256, key).add_integrity(IntegrityKind::Sha1, key);
  const auto view = MessageView::parse(message.bytes());
  CHECK_FALSE(view->integrity_offset(IntegrityKind::Sha1).has_value());
  CHECK_EQUAL(std::optional<std::size_t>(20), view->integrity_offset(IntegrityKind::Sha256));
}

TEST(MessageView, FirstOfRepeatedIntegrityAttributesCounts) {
  const auto sha1 =
      request().add_integrity(IntegrityKind::Sha1, key).add_integrity(IntegrityKind::Sha1, key);
  CHECK_EQUAL(std::optional<std::size_t>(20),
              MessageView::parse(sha1.bytes())->integrity_offset(IntegrityKind::Sha1));
  const auto sha256 =
      request().add_integrity(IntegrityKind::Sha256, key).add_integrity(IntegrityKind::Sha256, key);
  CHECK_EQUAL(std::optional<std::size_t>(20),
              MessageView::parse(sha256.bytes())->integrity_offset(IntegrityKind::Sha256));
}

TEST(MessageView, IntegrityOfAnotherSizeIsBad) {
  for (const std::size_t size : {0U, 4U, 16U, 19U, 21U, 24U, 32U}) {
    fails(ParseError::BadAttribute,
          request().add(AttributeType::MessageIntegrity, support::repeated(0, size)));
  }
  for (const std::size_t size : {0U, 16U, 20U, 28U, 31U, 33U, 36U}) {
    fails(ParseError::BadAttribute,
          request().add(AttributeType::MessageIntegritySha256, support::repeated(0, size)));
  }
}

TEST(MessageView, SizeOfAnIntegrityThatIsIgnoredDoesNotMatter) {
  const std::string other(16, 'x');
  for (const auto kind : {IntegrityKind::Sha1, IntegrityKind::Sha256}) {
    parses(request().add_integrity(kind, key).add(AttributeType::MessageIntegrity, other));
  }
  parses(request()
             .add_integrity(IntegrityKind::Sha256, key)
             .add(AttributeType::MessageIntegritySha256, other));
  // Behind MESSAGE-INTEGRITY its SHA-256 sibling still counts.
  fails(ParseError::BadAttribute,
        request()
            .add_integrity(IntegrityKind::Sha1, key)
            .add(AttributeType::MessageIntegritySha256, other));
}

TEST(MessageView, WrongFingerprintIsBad) {
  parses(request().add_fingerprint());
  fails(ParseError::BadFingerprint, request().add_fingerprint().spoil_last_byte());
}

TEST(MessageView, FingerprintNotLastIsBad) {
  fails(ParseError::BadFingerprint, request().add_fingerprint().add(AttributeType::Software, "x"));
  fails(ParseError::BadFingerprint, request().add_fingerprint().add_fingerprint());
  // Right in itself for the whole length, but in front of the integrity.
  fails(ParseError::BadFingerprint,
        request().add_fingerprint().add_integrity(IntegrityKind::Sha1, key));
}

TEST(MessageView, FingerprintOfAnotherSizeIsBad) {
  for (const std::size_t size : {0U, 3U, 5U, 8U}) {
    fails(ParseError::BadFingerprint,
          request().add(AttributeType::Fingerprint, support::repeated(0, size)));
  }
}

TEST(MessageView, FingerprintCoversEveryBitBeforeIt) {
  const auto good = request().add(AttributeType::Software, "abcd").add_fingerprint().bytes();
  for (std::size_t at = 8; at < good.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto bytes = good;
      bytes[at] ^= static_cast<std::byte>(1U << bit);
      const auto view = MessageView::parse(bytes);
      // A flipped bit in an attribute's header may hide the FINGERPRINT, never make it pass.
      CHECK_FALSE(view.has_value() && view->has_fingerprint());
    }
  }
}

TEST(MessageView, ClassicRequestParsesWithAnyCookie) {
  auto message = request().set_cookie(0xDEADBEEF).add_u32(AttributeType::ChangeRequest, 0);
  fails(ParseError::NoMagicCookie, message);
  const auto view = MessageView::parse_classic(message.bytes());
  CHECK_TRUE(view.has_value());
  HEX_EQUAL("deadbeef0102030405060708090a0b0c"_hex, view->cookie_and_transaction_id());
  CHECK_TRUE(found(*view, AttributeType::ChangeRequest));
}

TEST(MessageView, ClassicRequestIsCheckedLikeAnyOther) {
  const auto fails_classic = [](ParseError expected, base::Bytes message) {
    const auto parsed = MessageView::parse_classic(message);
    CHECK_FALSE(parsed.has_value());
    CHECK_EQUAL(expected, parsed.error());
  };
  fails_classic(ParseError::TooShort, {});
  fails_classic(ParseError::NotStun, support::repeated(0xFF, 20));
  fails_classic(ParseError::BadLength, request().set_length(4).bytes());
  fails_classic(ParseError::BadAttribute,
                request().set_cookie(0).add_unpadded(AttributeType::Username, 8, {}).bytes());
  fails_classic(ParseError::BadFingerprint,
                request().set_cookie(0).add_fingerprint().spoil_last_byte().bytes());
}
