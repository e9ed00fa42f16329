// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/nonce.hpp"
#include "base/clock.hpp"
#include "stun/integrity.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace auth {

/// A long-term user of the configuration. Without a SHA-256 key only MD5 works for it.
struct StaticUser {
  std::string name;
  stun::LongTermKey md5_key;
  std::optional<stun::LongTermKey> sha256_key;
};

/// A secret shared with whoever mints time-limited credentials. Its id may be logged, its value
/// never.
struct SharedSecret {
  std::string id;
  std::string value;
};

/// What a time-limited username says: when it expires and for whom it was minted ("" when it does
/// not say).
struct TimeLimitedName {
  base::WallTime expiry;
  std::string_view user;
};

/// Reads `expiry:user`, `user:expiry` and a bare `expiry`, split at the first colon; `user:expiry`
/// only when the left side is not a number. Nothing for other names and for an expiry over ten
/// years ahead of `now`.
[[nodiscard]] std::optional<TimeLimitedName> parse_time_limited(std::string_view username,
                                                                base::WallTime now);

/// Password of a time-limited username: base64(HMAC-SHA1(secret, username)), as
/// draft-uberti-behave-turn-rest-00 §2.2 has it and every SFU mints it.
[[nodiscard]] std::string time_limited_password(std::string_view secret, std::string_view username);

/// Everyone who may authenticate, immutable once built. Not copied: its indexes point into its
/// users.
class Credentials {
 public:
  Credentials() = default;
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;
  Credentials(Credentials&&) = default;
  Credentials& operator=(Credentials&&) = default;
  ~Credentials() = default;
  /// `secrets` newest first: they are tried in this order.
  Credentials(std::string realm, std::vector<StaticUser> users, std::vector<SharedSecret> secrets);

  [[nodiscard]] const std::string& realm() const { return realm_; }

  [[nodiscard]] const std::vector<SharedSecret>& secrets() const { return secrets_; }

  [[nodiscard]] const StaticUser* find_user(std::string_view name) const;
  [[nodiscard]] const StaticUser* find_userhash(base::Bytes userhash) const;

  /// What a challenge may announce: algorithms when every user has keys for both, anonymity when
  /// every username is known beforehand, which those of shared secrets are not.
  [[nodiscard]] SecurityFeatures features() const { return features_; }

 private:
  std::string realm_;
  std::vector<StaticUser> users_;
  std::vector<SharedSecret> secrets_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::unordered_map<std::string, std::size_t> by_userhash_;
  SecurityFeatures features_;
};

}  // namespace auth
