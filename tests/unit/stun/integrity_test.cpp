// SPDX-License-Identifier: Apache-2.0
#include "stun/integrity.hpp"

#include "support/hex.hpp"
#include "support/raw_message.hpp"
#include "support/test.hpp"

namespace {

using stun::AttributeType;
using stun::IntegrityKind;
using stun::MessageView;
using stun::PasswordAlgorithm;
using support::RawMessage;

}  // namespace

TEST_GROUP(Integrity) {
  const std::vector<std::byte> key = support::from_text("0123456789abcdef");

  static RawMessage request() {
    return RawMessage(stun::MessageClass::Request, stun::Method::Refresh)
        .add(AttributeType::Username, "user");
  }

  static bool verifies(const RawMessage& message, IntegrityKind kind, base::Bytes key) {
    const auto view = MessageView::parse(message.bytes());
    return view.has_value() && stun::verify_integrity(*view, kind, key);
  }
};

TEST(Integrity, LongTermKeysAreThoseOfTheirAlgorithms) {
  // printf 'user:realm:pass' | md5sum, sha256sum.
  HEX_EQUAL("8493fbc53ba582fb4c044c456bdc40eb"_hex,
            stun::long_term_key(PasswordAlgorithm::Md5, "user", "realm", "pass").bytes());
  HEX_EQUAL("07e934117abd40836e7c6329b54731b2b2d2a5f9a71f544922d75e0730d8251b"_hex,
            stun::long_term_key(PasswordAlgorithm::Sha256, "user", "realm", "pass").bytes());
}

TEST(Integrity, ColonInANameDoesNotChangeHowPartsAreJoined) {
  HEX_EQUAL(stun::long_term_key(PasswordAlgorithm::Md5, "1700000000:user", "realm", "p").bytes(),
            stun::long_term_key(PasswordAlgorithm::Md5, "1700000000", "user:realm", "p").bytes());
}

TEST(Integrity, KeysCompareByAlgorithmAndBytes) {
  const auto key_of = [](PasswordAlgorithm algorithm, std::string_view password) {
    return stun::long_term_key(algorithm, "user", "realm", password);
  };
  CHECK_TRUE(key_of(PasswordAlgorithm::Md5, "a") == key_of(PasswordAlgorithm::Md5, "a"));
  CHECK_FALSE(key_of(PasswordAlgorithm::Md5, "a") == key_of(PasswordAlgorithm::Md5, "b"));
  CHECK_FALSE(key_of(PasswordAlgorithm::Md5, "a") == key_of(PasswordAlgorithm::Sha256, "a"));
  CHECK_TRUE(stun::LongTermKey().bytes().empty());
}

TEST(Integrity, UserhashIsSha256OfNameAndRealm) {
  // The value of RFC 8489 appendix B.1.
  HEX_EQUAL(
      "4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704"_hex,
      stun::userhash_of("\xE3\x83\x9E\xE3\x83\x88\xE3\x83\xAA\xE3\x83\x83\xE3\x82\xAF\xE3\x82\xB9",
                        "example.org"));
}

TEST(Integrity, RightOneVerifiesOfEitherKind) {
  CHECK_TRUE(verifies(request().add_integrity(IntegrityKind::Sha1, key), IntegrityKind::Sha1, key));
  CHECK_TRUE(
      verifies(request().add_integrity(IntegrityKind::Sha256, key), IntegrityKind::Sha256, key));
}

TEST(Integrity, MissingOneNeverVerifies) {
  CHECK_FALSE(verifies(request(), IntegrityKind::Sha1, key));
  CHECK_FALSE(verifies(request(), IntegrityKind::Sha256, key));
  CHECK_FALSE(
      verifies(request().add_integrity(IntegrityKind::Sha1, key), IntegrityKind::Sha256, key));
  CHECK_FALSE(
      verifies(request().add_integrity(IntegrityKind::Sha256, key), IntegrityKind::Sha1, key));
}

TEST(Integrity, WrongKeyDoesNotVerify) {
  const auto other = support::from_text("0123456789abcdeg");
  for (const auto kind : {IntegrityKind::Sha1, IntegrityKind::Sha256}) {
    CHECK_FALSE(verifies(request().add_integrity(kind, other), kind, key));
    CHECK_FALSE(verifies(request().add_integrity(kind, {}), kind, key));
  }
}

TEST(Integrity, HoldsWithWhateverFollowsIt) {
  // RFC 8489 §14.5: the length field is taken as ending with the attribute, whatever lies behind
  // it.
  CHECK_TRUE(verifies(request().add_integrity(IntegrityKind::Sha1, key).add_fingerprint(),
                      IntegrityKind::Sha1,
                      key));
  const RawMessage both = request()
                              .add_integrity(IntegrityKind::Sha1, key)
                              .add_integrity(IntegrityKind::Sha256, key)
                              .add_fingerprint();
  CHECK_TRUE(verifies(both, IntegrityKind::Sha1, key));
  CHECK_TRUE(verifies(both, IntegrityKind::Sha256, key));
  CHECK_TRUE(verifies(
      request().add_integrity(IntegrityKind::Sha1, key).add(AttributeType::Software, "later"),
      IntegrityKind::Sha1,
      key));
}

TEST(Integrity, CoversEveryBitBeforeAndOfItself) {
  for (const auto kind : {IntegrityKind::Sha1, IntegrityKind::Sha256}) {
    const auto good = request().add_integrity(kind, key).bytes();
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        auto bytes = good;
        bytes[at] ^= static_cast<std::byte>(1U << bit);
        const auto view = MessageView::parse(bytes);
        CHECK_FALSE(view.has_value() && stun::verify_integrity(*view, kind, key));
      }
    }
  }
}

TEST(Integrity, CoversThePaddingAsItCame) {
  const RawMessage padded = RawMessage(stun::MessageClass::Request, stun::Method::Refresh)
                                .pad_with(std::byte{0x20})
                                .add(AttributeType::Username, "u")
                                .add_integrity(IntegrityKind::Sha1, key);
  CHECK_TRUE(verifies(padded, IntegrityKind::Sha1, key));
}
