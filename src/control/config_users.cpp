// SPDX-License-Identifier: Apache-2.0
#include "control/config_auth.hpp"
#include "control/hex.hpp"
#include "control/text_rules.hpp"

#include <algorithm>

namespace control {
namespace {

using User = ConfigDraft::User;

constexpr std::string_view kMd5Prefix = "md5:";

template <typename Digest>
std::optional<stun::LongTermKey> key_from_hex(std::string_view hex) {
  const auto raw = parse_hex(hex);
  Digest digest{};
  if (!raw || raw->size() != digest.size()) {
    return std::nullopt;
  }
  base::copy_bytes(digest, *raw);
  return stun::LongTermKey(digest);
}

std::optional<std::string> read_name(const User& user, ConfigProblems& problems) {
  if (!user.name) {
    problems.error(user.place, "[[auth.user]] has no `name`: write such as name = \"alice\"");
    return std::nullopt;
  }
  auto name = user.name->text();
  if (!name) {
    return std::nullopt;
  }
  if (name->empty()) {
    user.name->error("is empty: write such as name = \"alice\"");
  } else if (name->size() > kUsernameBytesMax) {
    user.name->error("has " + std::to_string(name->size()) + " bytes, at most " +
                     std::to_string(kUsernameBytesMax));
  } else if (has_control_character(*name)) {
    user.name->error("must not hold control characters");
  } else {
    return name;
  }
  return std::nullopt;
}

/// What to write instead of a value that is no MD5 key.
std::string md5_hint(std::string_view text) {
  const std::string_view digits = text.starts_with("0x") ? text.substr(2) : text;
  return key_from_hex<crypto::Md5>(digits)
             ? ": put md5: before the 32 digits, without 0x"
             : ": write \"md5:\" and the 32 hexadecimal digits of MD5(name:realm:password)";
}

std::optional<stun::LongTermKey> read_md5_key(const ConfigValue& value) {
  const auto text = value.secret_text();
  if (!text) {
    return std::nullopt;
  }
  const auto key =
      text->starts_with(kMd5Prefix)
          ? key_from_hex<crypto::Md5>(std::string_view(*text).substr(kMd5Prefix.size()))
          : std::nullopt;
  if (!key) {
    value.error("is not an MD5 key" + md5_hint(*text));
  }
  return key;
}

std::optional<stun::LongTermKey> read_sha256_key(const ConfigValue& value) {
  const auto text = value.secret_text();
  if (!text) {
    return std::nullopt;
  }
  const auto key = key_from_hex<crypto::Sha256>(*text);
  if (!key) {
    value.error(
        "is not a SHA-256 key: write the 64 hexadecimal digits of SHA-256(name:realm:password), "
        "nothing before them");
  }
  return key;
}

void read_keys(const User& user, const std::string& name, ConfigDraft& draft) {
  std::optional<stun::LongTermKey> md5;
  if (user.key) {
    md5 = read_md5_key(*user.key);
  } else {
    user.key_sha256->error(
        "needs `key` beside it, for clients that know only MD5: add key = \"md5:...\", or write "
        "`password` instead of both");
  }
  std::optional<stun::LongTermKey> sha256;
  if (user.key_sha256) {
    sha256 = read_sha256_key(*user.key_sha256);
  } else {
    user.key->warn("of " + quoted(name) +
                   " without `key_sha256` turns SHA-256 off for everybody, since a challenge "
                   "announces only what works for all users");
  }
  if (md5 && (sha256 || !user.key_sha256)) {
    draft.config.users.push_back({name, *md5, sha256});
  }
}

void read_password(const User& user, const std::string& name, ConfigDraft& draft) {
  const auto password = user.password->secret_text();
  if (!password) {
    return;
  }
  if (password->empty()) {
    user.password->error("is empty: choose one");
  } else if (has_control_character(*password)) {
    user.password->error("must not hold control characters, which no client could send");
  } else {
    const std::string& realm = draft.config.realm;
    draft.config.users.push_back(
        {name,
         stun::long_term_key(stun::PasswordAlgorithm::Md5, name, realm, *password),
         stun::long_term_key(stun::PasswordAlgorithm::Sha256, name, realm, *password)});
  }
}

}  // namespace

void finish_users(ConfigDraft& draft) {
  std::vector<std::string> names;
  for (const User& user : draft.users) {
    const auto name = read_name(user, *draft.problems);
    if (name && std::find(names.begin(), names.end(), *name) != names.end()) {
      user.name->error("is " + quoted(*name) + " a second time: each user stands once");
    }
    names.push_back(name.value_or(""));
    const bool has_key = user.key || user.key_sha256;
    if (user.password && has_key) {
      user.password->error("and a key are both there: keep one of them");
    } else if (user.password) {
      read_password(user, names.back(), draft);
    } else if (has_key) {
      read_keys(user, names.back(), draft);
    } else {
      draft.problems->error(user.place,
                            "[[auth.user]] has neither `password` nor `key`: write one of them");
    }
  }
}

}  // namespace control
