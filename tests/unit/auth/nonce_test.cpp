// SPDX-License-Identifier: Apache-2.0
#include "auth/nonce.hpp"

#include "crypto/base64.hpp"
#include "support/hex.hpp"
#include "support/test.hpp"

namespace {

using auth::NonceMint;
using auth::SecurityFeatures;
using base::Instant;
using base::TransportAddress;
using std::chrono::hours;
using std::chrono::seconds;

constexpr NonceMint::Key kKey = {std::byte{7}};
constexpr NonceMint::Key kOtherKey = {std::byte{8}};

}  // namespace

TEST_GROUP(Nonce) {
  const NonceMint mint{kKey};
  const TransportAddress client = *TransportAddress::parse("198.51.100.1:40000");
  const Instant start{hours{5}};

  std::string make(SecurityFeatures features = {}) const {
    const NonceMint::Nonce nonce = mint.make(client, features, start);
    return {nonce.data(), nonce.size()};
  }

  bool is_valid(std::string_view nonce, Instant now) const {
    return mint.is_valid(base::bytes_of(nonce), client, hours{1}, now);
  }

  static SecurityFeatures claimed(std::string_view nonce) {
    return auth::claimed_features(base::bytes_of(nonce));
  }
};

TEST(Nonce, BeginsWithTheCookieAndTheFeatures) {
  // RFC 8489 §9.2 and §18.1: bit 0, the leftmost, is for password algorithms, bit 1 for username
  // anonymity.
  CHECK_EQUAL(std::string("obMatJos2AAAA"), make().substr(0, 13));
  CHECK_EQUAL(std::string("obMatJos2gAAA"), make({true, false}).substr(0, 13));
  CHECK_EQUAL(std::string("obMatJos2QAAA"), make({false, true}).substr(0, 13));
  CHECK_EQUAL(std::string("obMatJos2wAAA"), make({true, true}).substr(0, 13));
}

TEST(Nonce, IsTextOfItsSize) {
  const std::string nonce = make({true, true});
  CHECK_EQUAL(NonceMint::kSize, nonce.size());
  CHECK_TRUE(crypto::parse_base64(std::string_view(nonce).substr(9)).has_value());
}

TEST(Nonce, IsValidForItsLifetimeAndNoLonger) {
  const std::string nonce = make();
  CHECK_TRUE(is_valid(nonce, start));
  CHECK_TRUE(is_valid(nonce, start + hours{1}));
  CHECK_FALSE(is_valid(nonce, start + hours{1} + seconds{1}));
  CHECK_FALSE(is_valid(nonce, start + hours{24 * 365}));
}

TEST(Nonce, AgeIsCountedInWholeSecondsOfItsMaking) {
  const NonceMint::Nonce nonce = mint.make(client, {}, start + std::chrono::milliseconds{999});
  CHECK_TRUE(mint.is_valid(base::bytes_of({nonce.data(), nonce.size()}),
                           client,
                           seconds{1},
                           start + std::chrono::milliseconds{1'999}));
  CHECK_FALSE(mint.is_valid(
      base::bytes_of({nonce.data(), nonce.size()}), client, seconds{1}, start + seconds{2}));
}

TEST(Nonce, SameClientGetsAnotherEachSecond) {
  CHECK_EQUAL(make(), make());
  const NonceMint::Nonce later = mint.make(client, {}, start + seconds{1});
  CHECK_TRUE(make() != std::string(later.data(), later.size()));
}

TEST(Nonce, BelongsToOneAddressAndPort) {
  const std::string nonce = make();
  for (const char* other : {"198.51.100.1:40001",
                            "198.51.100.2:40000",
                            "[2001:db8::1]:40000",
                            "[::ffff:198.51.100.1]:40000"}) {
    const TransportAddress address = *TransportAddress::parse(other);
    CHECK_FALSE(mint.is_valid(base::bytes_of(nonce), address, hours{1}, start));
    const NonceMint::Nonce theirs = mint.make(address, {}, start);
    CHECK_TRUE(nonce != std::string(theirs.data(), theirs.size()));
  }
}

TEST(Nonce, OfAnotherKeyIsNotOurs) {
  const NonceMint other(kOtherKey);
  CHECK_FALSE(other.is_valid(base::bytes_of(make()), client, hours{1}, start));
}

TEST(Nonce, AnyChangedCharacterIsNoticed) {
  const std::string good = make({true, true});
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string changed = good;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1U << bit));
      CHECK_FALSE(is_valid(changed, start));
    }
  }
}

TEST(Nonce, FeaturesCannotBeTakenAway) {
  // The bid-down that RFC 8489 §9.2.1 is about: an attacker rewrites the feature bits.
  std::string bid_down = make({true, true});
  bid_down.replace(9, 4, "AAAA");
  CHECK_FALSE(is_valid(bid_down, start));
}

TEST(Nonce, OfAnotherLengthIsNotOurs) {
  const std::string good = make();
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(is_valid(good.substr(0, size), start));
  }
  CHECK_FALSE(is_valid(good + "A", start));
  CHECK_FALSE(is_valid(std::string(763, 'A'), start));
}

TEST(Nonce, ClaimedFeaturesAreReadFromWhateverSaysSo) {
  CHECK_TRUE(claimed("obMatJos2gAAA") == (SecurityFeatures{true, false}));
  CHECK_TRUE(claimed("obMatJos2QAAArest") == (SecurityFeatures{false, true}));
  CHECK_TRUE(claimed("obMatJos2wAAAanything of any length") == (SecurityFeatures{true, true}));
  CHECK_TRUE(claimed("obMatJos2AAAB") == (SecurityFeatures{false, false}));
  // The nonce of RFC 8489 appendix B.1 has the cookie and no bit that is assigned.
  CHECK_TRUE(claimed("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA") == SecurityFeatures{});
}

TEST(Nonce, WithoutCookieOrBitsNothingIsClaimed) {
  for (const char* nonce : {"",
                            "f//499k954d6OL34oL9FSTvy64sA",
                            "obMatJos2",
                            "obMatJos2gAA",
                            "obmatjos2gAAA",
                            "obMatJos2g===",
                            "obMatJos2gA==",
                            "obMatJos2g!AA",
                            "xobMatJos2gAAA"}) {
    CHECK_TRUE(claimed(nonce) == SecurityFeatures{});
  }
}
