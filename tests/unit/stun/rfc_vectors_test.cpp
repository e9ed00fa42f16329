// SPDX-License-Identifier: Apache-2.0
// The messages of RFC 5769 and of RFC 8489 appendix B, against the whole of stun/.
#include "crypto/digest.hpp"
#include "stun/attributes.hpp"
#include "stun/integrity.hpp"
#include "stun/message_builder.hpp"
#include "support/hex.hpp"
#include "support/test.hpp"
#include "support/vectors.hpp"

namespace {

using stun::AttributeType;
using stun::IntegrityKind;
using stun::MessageClass;
using stun::MessageView;
using stun::PasswordAlgorithm;

constexpr std::string_view kShortTermPassword = "VOkJxbRl1RmTxUk/WvJxBt";
/// U+30DE U+30C8 U+30EA U+30C3 U+30AF U+30B9 in UTF-8.
constexpr std::string_view kUsername =
    "\xE3\x83\x9E\xE3\x83\x88\xE3\x83\xAA\xE3\x83\x83\xE3\x82\xAF\xE3\x82\xB9";

}  // namespace

TEST_GROUP(RfcVectors) {
  static std::string text_of(const MessageView& view, AttributeType type) {
    return std::string(base::text_of(view.find(type).value_or(base::Bytes{})));
  }

  static void has_right_integrity(const MessageView& view, base::Bytes key) {
    CHECK_TRUE(stun::verify_integrity(view, IntegrityKind::Sha1, key));
    CHECK_FALSE(
        stun::verify_integrity(view, IntegrityKind::Sha1, base::bytes_of("another password")));
  }

  static void is_response_with(const char* mapped_address, const char* file) {
    const auto bytes = support::vector_bytes(file);
    const auto view = MessageView::parse(bytes);
    CHECK_TRUE(view.has_value());
    CHECK_EQUAL(MessageClass::Success, view->message_class());
    CHECK_EQUAL(stun::Method::Binding, view->method());
    CHECK_EQUAL(std::string("test vector"), text_of(*view, AttributeType::Software));
    CHECK_EQUAL(base::TransportAddress::parse(mapped_address),
                stun::parse_xor_address(*view->find(AttributeType::XorMappedAddress),
                                        view->transaction_id()));
    CHECK_TRUE(view->has_fingerprint());
    has_right_integrity(*view, base::bytes_of(kShortTermPassword));
  }
};

TEST(RfcVectors, Rfc5769SampleRequest) {
  const auto bytes = support::vector_bytes("rfc5769_2_1_request.hex");
  const auto view = MessageView::parse(bytes);
  CHECK_TRUE(view.has_value());
  CHECK_EQUAL(MessageClass::Request, view->message_class());
  HEX_EQUAL("b7e7a701bc34d686fa87dfae"_hex, view->transaction_id());
  CHECK_EQUAL(std::string("STUN test client"), text_of(*view, AttributeType::Software));
  CHECK_EQUAL(std::string("evtj:h6vY"), text_of(*view, AttributeType::Username));
  CHECK_TRUE(view->has_fingerprint());
  has_right_integrity(*view, base::bytes_of(kShortTermPassword));
}

TEST(RfcVectors, Rfc5769SampleIPv4Response) {
  is_response_with("192.0.2.1:32853", "rfc5769_2_2_ipv4_response.hex");
}

TEST(RfcVectors, Rfc5769SampleIPv6Response) {
  is_response_with("[2001:db8:1234:5678:11:2233:4455:6677]:32853", "rfc5769_2_3_ipv6_response.hex");
}

TEST(RfcVectors, Rfc5769SampleRequestWithLongTermAuthentication) {
  const auto bytes = support::vector_bytes("rfc5769_2_4_long_term_request.hex");
  const auto view = MessageView::parse(bytes);
  CHECK_TRUE(view.has_value());
  CHECK_EQUAL(std::string(kUsername), text_of(*view, AttributeType::Username));
  CHECK_EQUAL(std::string("f//499k954d6OL34oL9FSTvy64sA"), text_of(*view, AttributeType::Nonce));
  CHECK_EQUAL(std::string("example.org"), text_of(*view, AttributeType::Realm));
  CHECK_FALSE(view->has_fingerprint());
  has_right_integrity(
      *view,
      stun::long_term_key(PasswordAlgorithm::Md5, kUsername, "example.org", "TheMatrIX").bytes());
}

TEST(RfcVectors, Rfc5769ResponseIsWhatTheBuilderWrites) {
  // The same message but for the padding, which the RFC's has as spaces and ours as zeros.
  auto expected = support::vector_bytes("rfc5769_2_2_ipv4_response.hex");
  const auto printed = MessageView::parse(expected);
  std::array<std::byte, 128> buffer{};
  stun::MessageBuilder builder(
      buffer, MessageClass::Success, stun::Method::Binding, printed->transaction_id());
  builder.add_text(AttributeType::Software, "test vector");
  builder.add_xor_address(AttributeType::XorMappedAddress,
                          *base::TransportAddress::parse("192.0.2.1:32853"));
  HEX_EQUAL(base::Bytes(expected).subspan(20, 15), builder.finish().subspan(20, 15));
  HEX_EQUAL(base::Bytes(expected).subspan(36, 12), builder.finish().subspan(36, 12));
  builder.add_integrity(IntegrityKind::Sha1, base::bytes_of(kShortTermPassword));
  builder.add_fingerprint();
  CHECK_EQUAL(expected.size(), builder.size());
  HEX_EQUAL(base::Bytes(expected).first(20), builder.finish().first(20));
}

TEST(RfcVectors, Rfc8489RequestAsPrintedHasABadLength) {
  const auto bytes = support::vector_bytes("rfc8489_b_1_sha256_userhash_request.hex");
  const auto view = MessageView::parse(bytes);
  CHECK_FALSE(view.has_value());
  CHECK_EQUAL(stun::ParseError::BadLength, view.error());
  // The printed HMAC is right for these very bytes.
  const auto key =
      stun::long_term_key(PasswordAlgorithm::Sha256, kUsername, "example.org", "TheMatrIX");
  const base::Bytes all(bytes);
  HEX_EQUAL(all.last(32), crypto::hmac_sha256(key.bytes(), {all.first(all.size() - 36)}));
}

TEST(RfcVectors, Rfc8489RequestWithItsLengthSetRightVerifies) {
  auto bytes = support::vector_bytes("rfc8489_b_1_sha256_userhash_request.hex");
  base::store_u16(bytes.data() + 2, static_cast<std::uint16_t>(bytes.size() - stun::kHeaderSize));
  const auto key =
      stun::long_term_key(PasswordAlgorithm::Sha256, kUsername, "example.org", "TheMatrIX");
  const base::Bytes before = base::Bytes(bytes).first(bytes.size() - 36);
  base::copy_bytes(base::MutableBytes(bytes).last(32), crypto::hmac_sha256(key.bytes(), {before}));
  const auto view = MessageView::parse(bytes);
  CHECK_TRUE(view.has_value());
  HEX_EQUAL(stun::userhash_of(kUsername, "example.org"), *view->find(AttributeType::Userhash));
  CHECK_EQUAL(std::string("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA"),
              text_of(*view, AttributeType::Nonce));
  CHECK_EQUAL(std::string("example.org"), text_of(*view, AttributeType::Realm));
  CHECK_TRUE(stun::verify_integrity(*view, IntegrityKind::Sha256, key.bytes()));
  CHECK_FALSE(stun::verify_integrity(*view, IntegrityKind::Sha1, key.bytes()));
}
