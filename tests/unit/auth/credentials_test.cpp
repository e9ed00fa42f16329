// SPDX-License-Identifier: Apache-2.0
#include "auth/credentials.hpp"

#include "support/hex.hpp"
#include "support/test.hpp"

namespace {

using auth::Credentials;
using auth::SharedSecret;
using auth::StaticUser;
using base::WallTime;
using std::chrono::seconds;

constexpr WallTime kNow{seconds{1'700'000'000}};

}  // namespace

TEST_GROUP(TimeLimitedNames) {
  /// "expiry|user" of a name, or "none".
  static std::string parsed(std::string_view username) {
    const auto name = auth::parse_time_limited(username, kNow);
    if (!name) {
      return "none";
    }
    return std::to_string(name->expiry.time_since_epoch().count()) + "|" + std::string(name->user);
  }
};

TEST(TimeLimitedNames, ExpiryThenUser) {
  CHECK_EQUAL(std::string("1700003600|alice"), parsed("1700003600:alice"));
  CHECK_EQUAL(std::string("1700003600|@alice:example.org"),
              parsed("1700003600:@alice:example.org"));
  CHECK_EQUAL(std::string("1700003600|"), parsed("1700003600:"));
  CHECK_EQUAL(std::string("1700003600|17"), parsed("1700003600:17"));
}

TEST(TimeLimitedNames, UserThenExpiry) {
  CHECK_EQUAL(std::string("1700003600|alice"), parsed("alice:1700003600"));
  CHECK_EQUAL(std::string("1700003600|"), parsed(":1700003600"));
  // Split at the first colon: what is behind it is no number here.
  CHECK_EQUAL(std::string("none"), parsed("@alice:example.org:1700003600"));
}

TEST(TimeLimitedNames, BareExpiry) {
  CHECK_EQUAL(std::string("1700003600|"), parsed("1700003600"));
  CHECK_EQUAL(std::string("0|"), parsed("0"));
  CHECK_EQUAL(std::string("7|"), parsed("007"));
}

TEST(TimeLimitedNames, ExpiredNamesAreNamesAllTheSame) {
  CHECK_EQUAL(std::string("1600000000|alice"), parsed("1600000000:alice"));
}

TEST(TimeLimitedNames, OtherNamesAreNone) {
  for (const char* name : {"",
                           ":",
                           "alice",
                           "alice:",
                           ":alice",
                           "alice:bob",
                           "-1:alice",
                           "+1:alice",
                           " 1:alice",
                           "1 :alice",
                           "0x10:alice",
                           "1e9:alice",
                           "1700003600.5:alice",
                           "1700003600;alice"}) {
    CHECK_EQUAL(std::string("none"), parsed(name));
  }
  CHECK_EQUAL(std::string("none"), parsed(std::string_view("17\0:alice", 9)));
}

TEST(TimeLimitedNames, NumberTooLargeForATimeIsNone) {
  CHECK_EQUAL(std::string("none"), parsed("9223372036854775807:alice"));
  CHECK_EQUAL(std::string("none"), parsed("9223372036854775808:alice"));
  CHECK_EQUAL(std::string("none"), parsed("99999999999999999999999999:alice"));
}

TEST(TimeLimitedNames, ExpiryOverTenYearsAheadIsNone) {
  const auto ten_years = std::chrono::duration_cast<seconds>(std::chrono::years{10});
  const auto latest = (kNow + ten_years).time_since_epoch().count();
  CHECK_EQUAL(std::to_string(latest) + "|alice", parsed(std::to_string(latest) + ":alice"));
  CHECK_EQUAL(std::string("none"), parsed(std::to_string(latest + 1) + ":alice"));
  // Milliseconds, a mistake of minters, are far ahead too.
  CHECK_EQUAL(std::string("none"), parsed("1700003600000:alice"));
}

TEST_GROUP(Credentials) {
  static StaticUser user(const char* name, bool with_sha256 = true) {
    StaticUser made{
        name, stun::long_term_key(stun::PasswordAlgorithm::Md5, name, "example.org", "pass"), {}};
    if (with_sha256) {
      made.sha256_key =
          stun::long_term_key(stun::PasswordAlgorithm::Sha256, name, "example.org", "pass");
    }
    return made;
  }
};

TEST(Credentials, TimeLimitedPasswordIsWhatOpensslMakes) {
  // printf 1700003600:alice | openssl dgst -binary -sha1 -hmac secret | base64
  CHECK_EQUAL(std::string("LLPLO4qjdVL2qZhwr3eImhn7J20="),
              auth::time_limited_password("secret", "1700003600:alice"));
  CHECK_EQUAL(std::size_t{28}, auth::time_limited_password("", "").size());
}

TEST(Credentials, UsersAreFoundByTheirExactName) {
  const Credentials credentials("example.org", {user("alice"), user("bob")}, {});
  CHECK_EQUAL(std::string("example.org"), credentials.realm());
  CHECK_EQUAL(std::string("alice"), credentials.find_user("alice")->name);
  CHECK_EQUAL(std::string("bob"), credentials.find_user("bob")->name);
  for (const char* name : {"", "Alice", "alic", "alice ", "carol"}) {
    POINTERS_EQUAL(nullptr, credentials.find_user(name));
  }
}

TEST(Credentials, UsersAreFoundByTheirUserhash) {
  const Credentials credentials("example.org", {user("alice"), user("bob")}, {});
  CHECK_EQUAL(std::string("bob"),
              credentials.find_userhash(stun::userhash_of("bob", "example.org"))->name);
  POINTERS_EQUAL(nullptr, credentials.find_userhash(stun::userhash_of("bob", "example.com")));
  POINTERS_EQUAL(nullptr, credentials.find_userhash({}));
  POINTERS_EQUAL(nullptr, credentials.find_userhash(base::bytes_of("bob")));
}

TEST(Credentials, MovedOnesFindTheirUsersStill) {
  // Short names live inside the string object itself: an index into a moved vector must survive
  // that.
  std::vector<StaticUser> users;
  for (int i = 0; i < 50; ++i) {
    users.push_back(user(("u" + std::to_string(i)).c_str()));
  }
  Credentials first("example.org", std::move(users), {});
  const Credentials second = std::move(first);
  for (int i = 0; i < 50; ++i) {
    const std::string name = "u" + std::to_string(i);
    CHECK_EQUAL(name, second.find_user(name)->name);
  }
}

TEST(Credentials, SecretsKeepTheirOrder) {
  const Credentials credentials("example.org", {}, {{"new", "a"}, {"old", "b"}});
  CHECK_EQUAL(std::size_t{2}, credentials.secrets().size());
  CHECK_EQUAL(std::string("new"), credentials.secrets()[0].id);
}

TEST(Credentials, AlgorithmsAreAnnouncedWhenEveryUserHasBothKeys) {
  CHECK_TRUE(Credentials("r", {user("a"), user("b")}, {}).features().password_algorithms);
  CHECK_FALSE(Credentials("r", {user("a"), user("b", false)}, {}).features().password_algorithms);
  CHECK_TRUE(Credentials("r", {}, {{"s", "x"}}).features().password_algorithms);
}

TEST(Credentials, AnonymityIsAnnouncedWhenEveryNameIsKnownBeforehand) {
  CHECK_TRUE(Credentials("r", {user("a")}, {}).features().username_anonymity);
  CHECK_FALSE(Credentials("r", {user("a")}, {{"s", "x"}}).features().username_anonymity);
  CHECK_FALSE(Credentials("r", {}, {{"s", "x"}}).features().username_anonymity);
  CHECK_FALSE(Credentials("r", {}, {}).features().username_anonymity);
}

TEST(Credentials, DefaultOnesKnowNobody) {
  const Credentials credentials;
  POINTERS_EQUAL(nullptr, credentials.find_user(""));
  CHECK_TRUE(credentials.secrets().empty());
}
