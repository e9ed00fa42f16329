// SPDX-License-Identifier: Apache-2.0
#include "support/config_text.hpp"
#include "support/test.hpp"

using control::Config;
using control::parse_config;

namespace {

// printf %s alice:example.org:wonderland | md5sum; | sha256sum
constexpr const char* kMd5Key = "md5:72f86f2053703faa0f521ce71cfe6f59";
constexpr const char* kSha256Key =
    "f0c3ae808cef897043f79de49549776f1f58cb7c5364e03ab40abac620459848";

std::string text_with(const std::string& lines) {
  return "realm = \"example.org\"\n[[auth.user]]\n" + lines;
}

void only(const std::string& expected, const std::string& lines) {
  CHECK_EQUAL("f.toml:" + expected + "\n", support::problems_of(text_with(lines)));
}

}  // namespace

TEST_GROUP(ConfigUsers) {
};

TEST(ConfigUsers, APasswordMakesBothKeys) {
  const auto loaded =
      parse_config(text_with("name = \"alice\"\npassword = \"wonderland\"\n"), "f.toml", {}, "");
  CHECK_EQUAL(0U, loaded.problems.size());
  const auth::StaticUser& alice = loaded.config->users.at(0);
  CHECK_EQUAL(std::string("alice"), alice.name);
  CHECK_EQUAL(std::string(kMd5Key).substr(4), base::to_hex(alice.md5_key.bytes()));
  CHECK_EQUAL(std::string(kSha256Key), base::to_hex(alice.sha256_key->bytes()));
}

TEST(ConfigUsers, KeysAreTakenAsTheyAre) {
  const auto loaded = parse_config(text_with("name = \"alice\"\nkey = \"" + std::string(kMd5Key) +
                                             "\"\nkey_sha256 = \"" + kSha256Key + "\"\n"),
                                   "f.toml",
                                   {},
                                   "");
  CHECK_EQUAL(0U, loaded.problems.size());
  CHECK_EQUAL(std::string(kMd5Key).substr(4),
              base::to_hex(loaded.config->users.at(0).md5_key.bytes()));
  CHECK_EQUAL(std::string(kSha256Key),
              base::to_hex(loaded.config->users.at(0).sha256_key->bytes()));
}

TEST(ConfigUsers, AnMd5KeyAloneIsAWarning) {
  const std::string lines = "name = \"alice\"\nkey = \"" + std::string(kMd5Key) + "\"\n";
  only(
      "4:7: warning: `auth.user.key` of `alice` without `key_sha256` turns SHA-256 off for "
      "everybody, since a challenge "
      "announces only what works for all users",
      lines);
  CHECK_FALSE(
      parse_config(text_with(lines), "f.toml", {}, "").config->users.at(0).sha256_key.has_value());
}

TEST(ConfigUsers, ASha256KeyAloneIsAnError) {
  only(
      "4:14: error: `auth.user.key_sha256` needs `key` beside it, for clients that know only MD5: "
      "add key = \"md5:...\", or "
      "write `password` instead of both",
      "name = \"alice\"\nkey_sha256 = \"" + std::string(kSha256Key) + "\"\n");
}

TEST(ConfigUsers, KeysThatAreNone) {
  const std::string sha256 = "key_sha256 = \"" + std::string(kSha256Key) + "\"\n";
  const std::string digits = std::string(kMd5Key).substr(4);
  const std::string form =
      "4:7: error: `auth.user.key` is not an MD5 key: write \"md5:\" and the 32 hexadecimal digits "
      "of "
      "MD5(name:realm:password)";
  for (const std::string& bad : {std::string(),
                                 std::string("md5:"),
                                 std::string("md5:12"),
                                 "md5:" + digits + "00",
                                 "sha1:" + digits}) {
    only(form, "name = \"alice\"\nkey = \"" + bad + "\"\n" + sha256);
  }
  for (const std::string& bad : {digits, "0x" + digits}) {
    only("4:7: error: `auth.user.key` is not an MD5 key: put md5: before the 32 digits, without 0x",
         "name = \"alice\"\nkey = \"" + bad + "\"\n" + sha256);
  }
  only(
      "5:14: error: `auth.user.key_sha256` is not a SHA-256 key: write the 64 hexadecimal digits "
      "of "
      "SHA-256(name:realm:password), nothing before them",
      "name = \"alice\"\nkey = \"" + std::string(kMd5Key) +
          "\"\nkey_sha256 = \"sha256:" + kSha256Key + "\"\n");
  only("4:7: error: `auth.user.key` must be a text in quotes",
       "name = \"alice\"\nkey = 1\n" + sha256);
  only("5:14: error: `auth.user.key_sha256` must be a text in quotes",
       "name = \"alice\"\nkey = \"" + std::string(kMd5Key) + "\"\nkey_sha256 = 1\n");
}

TEST(ConfigUsers, OneWayToProveItself) {
  only("4:12: error: `auth.user.password` and a key are both there: keep one of them",
       "name = \"alice\"\npassword = \"x\"\nkey = \"" + std::string(kMd5Key) + "\"\n");
  only("2:1: error: [[auth.user]] has neither `password` nor `key`: write one of them",
       "name = \"alice\"\n");
}

TEST(ConfigUsers, Names) {
  only("2:1: error: [[auth.user]] has no `name`: write such as name = \"alice\"",
       "password = \"x\"\n");
  only("3:8: error: `auth.user.name` is empty: write such as name = \"alice\"",
       "name = \"\"\npassword = \"x\"\n");
  only("3:8: error: `auth.user.name` has 509 bytes, at most 508",
       "name = \"" + std::string(509, 'x') + "\"\npassword = \"x\"\n");
  only("3:8: error: `auth.user.name` must not hold control characters",
       "name = \"a\\nb\"\npassword = \"x\"\n");
  only("3:8: error: `auth.user.name` must be a text in quotes: write \"1\"",
       "name = 1\npassword = \"x\"\n");
  only("6:8: error: `auth.user.name` is `alice` a second time: each user stands once",
       "name = \"alice\"\npassword = \"x\"\n[[auth.user]]\nname = \"alice\"\npassword = \"y\"\n");
}

TEST(ConfigUsers, Passwords) {
  only("4:12: error: `auth.user.password` is empty: choose one",
       "name = \"alice\"\npassword = \"\"\n");
  only(
      "4:12: error: `auth.user.password` must not hold control characters, which no client could "
      "send",
      "name = \"alice\"\npassword = \"a\\tb\"\n");
  only("4:12: error: `auth.user.password` must be a text in quotes",
       "name = \"alice\"\npassword = 1234\n");
}
