// SPDX-License-Identifier: Apache-2.0
#include "auth/credentials.hpp"

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"

#include <algorithm>
#include <charconv>

namespace auth {
namespace {

constexpr std::chrono::years kExpiryAheadMax{10};

std::optional<base::WallTime> parse_expiry(std::string_view digits, base::WallTime now) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty() ||
      seconds < 0 ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  const base::WallTime latest =
      now + std::chrono::duration_cast<std::chrono::seconds>(kExpiryAheadMax);
  if (seconds > latest.time_since_epoch().count()) {
    return std::nullopt;
  }
  return base::WallTime(std::chrono::seconds(seconds));
}

}  // namespace

std::optional<TimeLimitedName> parse_time_limited(std::string_view username, base::WallTime now) {
  const std::size_t colon = username.find(':');
  const std::string_view left = username.substr(0, colon);
  if (const auto expiry = parse_expiry(left, now)) {
    const bool bare = colon == std::string_view::npos;
    return TimeLimitedName{*expiry, bare ? std::string_view() : username.substr(colon + 1)};
  }
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  if (const auto expiry = parse_expiry(username.substr(colon + 1), now)) {
    return TimeLimitedName{*expiry, left};
  }
  return std::nullopt;
}

std::string time_limited_password(std::string_view secret, std::string_view username) {
  return crypto::base64(crypto::hmac_sha1(base::bytes_of(secret), {base::bytes_of(username)}));
}

Credentials::Credentials(std::string realm,
                         std::vector<StaticUser> users,
                         std::vector<SharedSecret> secrets)
    : realm_(std::move(realm)), users_(std::move(users)), secrets_(std::move(secrets)) {
  for (std::size_t i = 0; i < users_.size(); ++i) {
    by_name_.emplace(users_[i].name, i);
    const crypto::Sha256 userhash = stun::userhash_of(users_[i].name, realm_);
    by_userhash_.emplace(base::text_of(userhash), i);
  }
  features_.password_algorithms =
      std::all_of(users_.begin(), users_.end(), [](const StaticUser& user) {
        return user.sha256_key.has_value();
      });
  features_.username_anonymity = secrets_.empty() && !users_.empty();
}

const StaticUser* Credentials::find_user(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &users_[found->second];
}

const StaticUser* Credentials::find_userhash(base::Bytes userhash) const {
  const auto found = by_userhash_.find(std::string(base::text_of(userhash)));
  return found == by_userhash_.end() ? nullptr : &users_[found->second];
}

}  // namespace auth
