// SPDX-License-Identifier: Apache-2.0
#include "auth/authenticator.hpp"

#include "support/fake_clock.hpp"
#include "support/hex.hpp"
#include "support/signer.hpp"
#include "support/test.hpp"

namespace {

using auth::Authenticated;
using auth::Credentials;
using auth::Identity;
using auth::RefusalReason;
using auth::SecurityFeatures;
using auth::StaticUser;
using stun::AttributeType;
using stun::IntegrityKind;
using stun::PasswordAlgorithm;
using support::RawMessage;
using support::Signer;

constexpr const char* kRealm = "example.org";

}  // namespace

TEST_GROUP(Authenticator) {
  support::FakeClock clock;
  const auth::NonceMint nonces{auth::NonceMint::Key{}};
  const base::TransportAddress client = *base::TransportAddress::parse("198.51.100.1:40000");
  auth::AuthenticationRules rules{std::chrono::hours{1}, false};
  const Identity* known = nullptr;
  Credentials credentials{kRealm,
                          {user("alice"), user("old", false)},
                          {{"2026-11", "new secret"}, {"2026-10", "old secret"}}};

  static StaticUser user(const char* name, bool with_sha256 = true) {
    StaticUser made{name, stun::long_term_key(PasswordAlgorithm::Md5, name, kRealm, "pass"), {}};
    if (with_sha256) {
      made.sha256_key = stun::long_term_key(PasswordAlgorithm::Sha256, name, kRealm, "pass");
    }
    return made;
  }

  std::string nonce(SecurityFeatures features = {true, false}) const {
    const auto made = nonces.make(client, features, clock.now().monotonic);
    return {made.data(), made.size()};
  }

  /// A signer with a valid nonce, and its password when the name is a time-limited one of `secret`.
  Signer signer(std::string username = "alice", const char* secret = nullptr) const {
    Signer made;
    made.username = std::move(username);
    made.nonce = nonce();
    if (secret != nullptr) {
      made.password = auth::time_limited_password(secret, made.username);
    }
    return made;
  }

  std::string in(std::chrono::seconds from_now) const {
    return std::to_string((clock.now().wall + from_now).time_since_epoch().count());
  }

  static RawMessage request() {
    return {stun::MessageClass::Request, stun::Method::Refresh};
  }

  base::Result<Authenticated, auth::Refusal> authenticate(const RawMessage& message) const {
    return auth::authenticate(*stun::MessageView::parse(message.bytes()),
                              client,
                              clock.now(),
                              credentials,
                              nonces,
                              rules,
                              known);
  }

  /// "user/secret by algorithm, answers integrity", or the refusal's code and reason.
  std::string outcome(const RawMessage& message) const {
    const auto result = authenticate(message);
    if (!result) {
      return std::to_string(static_cast<int>(result.error().code)) + " " +
             std::to_string(static_cast<int>(result.error().reason));
    }
    const Identity& identity = result->identity;
    return identity.username + "|" + identity.user + "|" + identity.secret_id + "|" +
           (identity.algorithm == PasswordAlgorithm::Md5 ? "md5" : "sha256") + "|" +
           (result->answer_integrity == IntegrityKind::Sha1 ? "sha1" : "sha256");
  }

  std::string outcome(const Signer& signer) const {
    return outcome(signer.sign(request()));
  }

  static std::string refused(int code, RefusalReason reason) {
    return std::to_string(code) + " " + std::to_string(static_cast<int>(reason));
  }
};

TEST(Authenticator, WithoutIntegrityIs401) {
  CHECK_EQUAL(refused(401, RefusalReason::NoCredentials), outcome(request()));
  // Whatever else is there.
  CHECK_EQUAL(
      refused(401, RefusalReason::NoCredentials),
      outcome(request().add(AttributeType::Username, "alice").add(AttributeType::Nonce, nonce())));
}

TEST(Authenticator, IntegrityWithoutTheRestIs400) {
  const auto with = [&](bool username, bool realm, bool has_nonce) {
    RawMessage message = request();
    if (username) {
      message.add(AttributeType::Username, "alice");
    }
    if (realm) {
      message.add(AttributeType::Realm, kRealm);
    }
    if (has_nonce) {
      message.add(AttributeType::Nonce, nonce());
    }
    return outcome(message.add_integrity(IntegrityKind::Sha1, signer().key().bytes()));
  };
  const std::string missing = refused(400, RefusalReason::MissingAttributes);
  CHECK_EQUAL(missing, with(false, false, false));
  CHECK_EQUAL(missing, with(false, true, true));
  CHECK_EQUAL(missing, with(true, false, true));
  CHECK_EQUAL(missing, with(true, true, false));
  CHECK_EQUAL(std::string("alice|alice||md5|sha1"), with(true, true, true));
}

TEST(Authenticator, AttributesBehindTheIntegrityDoNotCount) {
  CHECK_EQUAL(refused(400, RefusalReason::MissingAttributes),
              outcome(request()
                          .add(AttributeType::Username, "alice")
                          .add(AttributeType::Realm, kRealm)
                          .add_integrity(IntegrityKind::Sha1, signer().key().bytes())
                          .add(AttributeType::Nonce, nonce())));
}

TEST(Authenticator, TextsOverTheirLimitAre400) {
  const std::string missing = refused(400, RefusalReason::MissingAttributes);
  Signer longest = signer(std::string(stun::kTextSizeMax, 'u'));
  CHECK_EQUAL(refused(401, RefusalReason::UnknownUser), outcome(longest));
  longest.username += 'u';
  CHECK_EQUAL(missing, outcome(longest));
  Signer realm = signer();
  realm.realm = std::string(stun::kTextSizeMax + 1, 'r');
  CHECK_EQUAL(missing, outcome(realm));
  Signer too_long_nonce = signer();
  too_long_nonce.nonce = std::string(stun::kTextSizeMax + 1, 'n');
  CHECK_EQUAL(missing, outcome(too_long_nonce));
}

TEST(Authenticator, StaticUserOfRfc5389) {
  CHECK_EQUAL(std::string("alice|alice||md5|sha1"), outcome(signer()));
  CHECK_EQUAL(std::string("old|old||md5|sha1"), outcome(signer("old")));
}

TEST(Authenticator, NamedAlgorithmIsAnsweredWithSha256) {
  Signer sha256 = signer();
  sha256.algorithm = PasswordAlgorithm::Sha256;
  sha256.integrity = IntegrityKind::Sha256;
  CHECK_EQUAL(std::string("alice|alice||sha256|sha256"), outcome(sha256));
  Signer md5 = sha256;
  md5.algorithm = PasswordAlgorithm::Md5;
  CHECK_EQUAL(std::string("alice|alice||md5|sha256"), outcome(md5));
  // RFC 8489 §9.2.4: what the answer carries depends on the algorithm having been named, not on the
  // request's integrity.
  Signer named = signer();
  named.algorithm = PasswordAlgorithm::Sha256;
  CHECK_EQUAL(std::string("alice|alice||sha256|sha256"), outcome(named));
}

TEST(Authenticator, Sha256IntegrityWithoutAlgorithmIsAnsweredWithSha1) {
  Signer unnamed = signer();
  unnamed.integrity = IntegrityKind::Sha256;
  CHECK_EQUAL(std::string("alice|alice||md5|sha1"), outcome(unnamed));
}

TEST(Authenticator, OfTwoIntegritiesSha256Decides) {
  const auto key = signer().key();
  const auto other = stun::long_term_key(PasswordAlgorithm::Md5, "alice", kRealm, "wrong");
  const auto begin = [&] {
    return request()
        .add(AttributeType::Username, "alice")
        .add(AttributeType::Realm, kRealm)
        .add(AttributeType::Nonce, nonce());
  };
  CHECK_EQUAL(std::string("alice|alice||md5|sha1"),
              outcome(begin()
                          .add_integrity(IntegrityKind::Sha1, other.bytes())
                          .add_integrity(IntegrityKind::Sha256, key.bytes())));
  CHECK_EQUAL(refused(401, RefusalReason::WrongPassword),
              outcome(begin()
                          .add_integrity(IntegrityKind::Sha1, key.bytes())
                          .add_integrity(IntegrityKind::Sha256, other.bytes())));
}

TEST(Authenticator, AlgorithmsMustComeBackAsTheyWereSent) {
  const std::string bad = refused(400, RefusalReason::BadAlgorithms);
  const auto with = [&](std::optional<std::string_view> list,
                        std::optional<std::string_view> chosen) {
    RawMessage message = request()
                             .add(AttributeType::Username, "alice")
                             .add(AttributeType::Realm, kRealm)
                             .add(AttributeType::Nonce, nonce());
    if (list) {
      message.add(AttributeType::PasswordAlgorithms, support::from_hex(*list));
    }
    if (chosen) {
      message.add(AttributeType::PasswordAlgorithm, support::from_hex(*chosen));
    }
    return outcome(message.add_integrity(IntegrityKind::Sha1, signer().key().bytes()));
  };
  constexpr std::string_view kBoth = "0002000000010000";
  CHECK_EQUAL(std::string("alice|alice||md5|sha256"), with(kBoth, "00010000"));
  CHECK_EQUAL(bad, with(kBoth, std::nullopt));
  CHECK_EQUAL(bad, with(std::nullopt, "00010000"));
  CHECK_EQUAL(bad, with("00010000", "00010000"));          // The bid-down: SHA-256 was taken out.
  CHECK_EQUAL(bad, with("0001000000020000", "00010000"));  // Another order.
  CHECK_EQUAL(bad, with("", "00010000"));
  CHECK_EQUAL(bad, with("000200000001000000030000", "00010000"));
  CHECK_EQUAL(bad, with(kBoth, "00030000"));
  CHECK_EQUAL(bad, with(kBoth, "00000000"));
  CHECK_EQUAL(bad, with(kBoth, "0001000400000000"));
  CHECK_EQUAL(bad, with(kBoth, ""));
}

TEST(Authenticator, AlgorithmsAreIgnoredWhenTheNonceDoesNotClaimThem) {
  Signer plain = signer();
  plain.nonce = nonce({false, false});
  const RawMessage message = request()
                                 .add(AttributeType::Username, "alice")
                                 .add(AttributeType::Realm, kRealm)
                                 .add(AttributeType::Nonce, plain.nonce)
                                 .add(AttributeType::PasswordAlgorithm, "nonsense")
                                 .add_integrity(IntegrityKind::Sha1, plain.key().bytes());
  CHECK_EQUAL(std::string("alice|alice||md5|sha1"), outcome(message));
}

TEST(Authenticator, UserWithoutASha256KeyCannotNameIt) {
  Signer sha256 = signer("old");
  sha256.algorithm = PasswordAlgorithm::Sha256;
  CHECK_EQUAL(refused(401, RefusalReason::WrongPassword), outcome(sha256));
}

TEST(Authenticator, OtherRealmIs401) {
  Signer other = signer();
  other.realm = "example.com";
  CHECK_EQUAL(refused(401, RefusalReason::WrongRealm), outcome(other));
}

TEST(Authenticator, UnknownNameIs401) {
  for (const char* name : {"carol", "", "Alice", "alice:bob"}) {
    CHECK_EQUAL(refused(401, RefusalReason::UnknownUser), outcome(signer(name)));
  }
}

TEST(Authenticator, WrongPasswordIs401) {
  Signer wrong = signer();
  wrong.password = "Pass";
  CHECK_EQUAL(refused(401, RefusalReason::WrongPassword), outcome(wrong));
}

TEST(Authenticator, UserhashNamesAStaticUser) {
  Signer hashed = signer();
  hashed.by_userhash = true;
  CHECK_EQUAL(std::string("alice|alice||md5|sha1"), outcome(hashed));
  hashed.algorithm = PasswordAlgorithm::Sha256;
  hashed.integrity = IntegrityKind::Sha256;
  CHECK_EQUAL(std::string("alice|alice||sha256|sha256"), outcome(hashed));
  hashed.password = "wrong";
  CHECK_EQUAL(refused(401, RefusalReason::WrongPassword), outcome(hashed));
  hashed.username = "carol";
  CHECK_EQUAL(refused(401, RefusalReason::UnknownUser), outcome(hashed));
}

TEST(Authenticator, UsernameGoesBeforeAUserhash) {
  const auto with_both = [&](const char* name, const char* hashed) {
    return outcome(request()
                       .add(AttributeType::Username, name)
                       .add(AttributeType::Userhash, base::Bytes(stun::userhash_of(hashed, kRealm)))
                       .add(AttributeType::Realm, kRealm)
                       .add(AttributeType::Nonce, nonce())
                       .add_integrity(IntegrityKind::Sha1, signer().key().bytes()));
  };
  CHECK_EQUAL(std::string("alice|alice||md5|sha1"), with_both("alice", "old"));
  CHECK_EQUAL(refused(401, RefusalReason::UnknownUser), with_both("carol", "alice"));
  Identity alice = authenticate(signer().sign(request()))->identity;
  known = &alice;
  CHECK_EQUAL(std::string("alice|alice||md5|sha1"), with_both("alice", "old"));
  CHECK_EQUAL(refused(401, RefusalReason::UnknownUser), with_both("carol", "alice"));
}

TEST(Authenticator, TimeLimitedNamesOfEveryForm) {
  const std::string expiry = in(std::chrono::hours{1});
  CHECK_EQUAL(expiry + ":bob|bob|2026-11|md5|sha1", outcome(signer(expiry + ":bob", "new secret")));
  CHECK_EQUAL("bob:" + expiry + "|bob|2026-11|md5|sha1",
              outcome(signer("bob:" + expiry, "new secret")));
  CHECK_EQUAL(expiry + "||2026-11|md5|sha1", outcome(signer(expiry, "new secret")));
  CHECK_EQUAL(expiry + ":@b:hs|@b:hs|2026-11|md5|sha1",
              outcome(signer(expiry + ":@b:hs", "new secret")));
}

TEST(Authenticator, EverySecretThatLivesIsTried) {
  const std::string name = in(std::chrono::hours{1}) + ":bob";
  CHECK_EQUAL(name + "|bob|2026-10|md5|sha1", outcome(signer(name, "old secret")));
  CHECK_EQUAL(refused(401, RefusalReason::WrongPassword), outcome(signer(name, "lost secret")));
}

TEST(Authenticator, TimeLimitedNameMayUseTheNewAlgorithms) {
  Signer sha256 = signer(in(std::chrono::hours{1}) + ":bob", "new secret");
  sha256.algorithm = PasswordAlgorithm::Sha256;
  sha256.integrity = IntegrityKind::Sha256;
  CHECK_EQUAL(sha256.username + "|bob|2026-11|sha256|sha256", outcome(sha256));
}

TEST(Authenticator, StaticUserGoesBeforeATimeLimitedName) {
  const std::string name = in(std::chrono::hours{1}) + ":bob";
  credentials = Credentials(kRealm, {user(name.c_str())}, {{"s", "secret"}});
  CHECK_EQUAL(name + "|" + name + "||md5|sha1", outcome(signer(name)));
  CHECK_EQUAL(refused(401, RefusalReason::WrongPassword), outcome(signer(name, "secret")));
}

TEST(Authenticator, TimeLimitedNameNeedsASecret) {
  credentials = Credentials(kRealm, {user("alice")}, {});
  const std::string name = in(std::chrono::hours{1}) + ":bob";
  CHECK_EQUAL(refused(401, RefusalReason::UnknownUser), outcome(signer(name, "new secret")));
}

TEST(Authenticator, ExpiredCredentialIs401AndSaysSinceWhen) {
  const Signer expired = signer(in(std::chrono::seconds{-312}) + ":bob", "new secret");
  const auto result = authenticate(expired.sign(request()));
  CHECK_FALSE(result.has_value());
  CHECK_EQUAL(stun::ErrorCode::Unauthenticated, result.error().code);
  CHECK_EQUAL(RefusalReason::Expired, result.error().reason);
  CHECK_EQUAL(312, static_cast<int>(result.error().expired_ago.count()));
}

TEST(Authenticator, CredentialExpiresAtItsSecond) {
  CHECK_EQUAL(refused(401, RefusalReason::Expired),
              outcome(signer(in(std::chrono::seconds{0}), "new secret")));
  const std::string name = in(std::chrono::seconds{1});
  CHECK_EQUAL(name + "||2026-11|md5|sha1", outcome(signer(name, "new secret")));
}

TEST(Authenticator, ExpiryIsNotToldToWhoeverHasNoPassword) {
  CHECK_EQUAL(refused(401, RefusalReason::WrongPassword),
              outcome(signer(in(std::chrono::seconds{-1}), "lost secret")));
}

TEST(Authenticator, StaleNonceIs438BehindAValidIntegrity) {
  const Signer early = signer();
  clock.advance(std::chrono::hours{1} + std::chrono::seconds{1});
  CHECK_EQUAL(refused(438, RefusalReason::StaleNonce), outcome(early));
  Signer wrong = early;
  wrong.password = "wrong";
  CHECK_EQUAL(refused(401, RefusalReason::WrongPassword), outcome(wrong));
}

TEST(Authenticator, ForeignNonceIs438) {
  Signer foreign = signer();
  foreign.nonce = "f//499k954d6OL34oL9FSTvy64sA";
  CHECK_EQUAL(refused(438, RefusalReason::StaleNonce), outcome(foreign));
  const auto theirs =
      nonces.make(*base::TransportAddress::parse("198.51.100.1:40001"), {}, clock.now().monotonic);
  foreign.nonce = std::string(theirs.data(), theirs.size());
  CHECK_EQUAL(refused(438, RefusalReason::StaleNonce), outcome(foreign));
}

TEST(Authenticator, ExpiryGoesBeforeTheNonce) {
  const Signer both = signer(in(std::chrono::seconds{10}), "new secret");
  clock.advance(std::chrono::hours{2});
  CHECK_EQUAL(refused(401, RefusalReason::Expired), outcome(both));
}

TEST_GROUP_BASE(KnownIdentity, TEST_GROUP_CppUTestGroupAuthenticator) {
  Identity identity;

  /// Makes the identity of this signer the one of the allocation.
  void remember(const Signer& signer) {
    identity = authenticate(signer.sign(request()))->identity;
    known = &identity;
  }
};

TEST(KnownIdentity, ItsKeyIsUsedAgain) {
  const Signer bob = signer(in(std::chrono::hours{1}) + ":bob", "old secret");
  remember(bob);
  // The secret is gone from the configuration; whether that matters is the server's to say, not
  // ours.
  credentials = Credentials(kRealm, {}, {});
  CHECK_EQUAL(bob.username + "|bob|2026-10|md5|sha1", outcome(bob));
  Signer wrong = bob;
  wrong.password = "wrong";
  CHECK_EQUAL(refused(401, RefusalReason::WrongPassword), outcome(wrong));
}

TEST(KnownIdentity, MayOutliveItsCredential) {
  const Signer bob = signer(in(std::chrono::seconds{60}) + ":bob", "new secret");
  remember(bob);
  clock.advance(std::chrono::seconds{120});
  CHECK_EQUAL(bob.username + "|bob|2026-11|md5|sha1", outcome(bob));
}

TEST(KnownIdentity, UnderStrictExpiryItMayNot) {
  const Signer bob = signer(in(std::chrono::seconds{60}) + ":bob", "new secret");
  remember(bob);
  rules.strict_expiry = true;
  CHECK_EQUAL(bob.username + "|bob|2026-11|md5|sha1", outcome(bob));
  clock.advance(std::chrono::seconds{60});
  CHECK_EQUAL(refused(401, RefusalReason::Expired), outcome(bob));
}

TEST(KnownIdentity, OtherNameIsCheckedAnewAndMayNotBeExpired) {
  remember(signer(in(std::chrono::seconds{60}) + ":bob", "new secret"));
  const Signer carol = signer(in(std::chrono::seconds{60}) + ":carol", "new secret");
  CHECK_EQUAL(carol.username + "|carol|2026-11|md5|sha1", outcome(carol));
  clock.advance(std::chrono::seconds{60});
  CHECK_EQUAL(refused(401, RefusalReason::Expired), outcome(carol));
}

TEST(KnownIdentity, IsFoundByItsUserhashToo) {
  Signer hashed = signer();
  hashed.by_userhash = true;
  remember(hashed);
  credentials = Credentials(kRealm, {}, {});
  CHECK_EQUAL(std::string("alice|alice||md5|sha1"), outcome(hashed));
  hashed.username = "carol";
  CHECK_EQUAL(refused(401, RefusalReason::UnknownUser), outcome(hashed));
}

TEST(KnownIdentity, OtherAlgorithmIsCheckedAnew) {
  Signer alice = signer();
  remember(alice);
  alice.algorithm = PasswordAlgorithm::Sha256;
  CHECK_EQUAL(std::string("alice|alice||sha256|sha256"), outcome(alice));
  credentials = Credentials(kRealm, {}, {});
  CHECK_EQUAL(refused(401, RefusalReason::UnknownUser), outcome(alice));
}

TEST(KnownIdentity, RealmIsCheckedAllTheSame) {
  Signer alice = signer();
  remember(alice);
  alice.realm = "example.com";
  CHECK_EQUAL(refused(401, RefusalReason::WrongRealm), outcome(alice));
}

TEST(KnownIdentity, NonceIsCheckedAllTheSame) {
  const Signer alice = signer();
  remember(alice);
  clock.advance(std::chrono::hours{2});
  CHECK_EQUAL(refused(438, RefusalReason::StaleNonce), outcome(alice));
}
