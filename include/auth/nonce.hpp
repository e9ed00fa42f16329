// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/clock.hpp"

#include <array>
#include <string_view>

namespace auth {

/// Bits of the STUN Security Features registry (RFC 8489 §18.1) that a challenge announces.
struct SecurityFeatures {
  bool password_algorithms = false;
  bool username_anonymity = false;

  friend bool operator==(const SecurityFeatures&, const SecurityFeatures&) = default;
};

/// Features that the nonce cookie of a NONCE claims, whoever made it. None without a cookie. RFC
/// 8489 §9.2.
[[nodiscard]] SecurityFeatures claimed_features(base::Bytes nonce);

/// Makes and checks nonces without keeping any: cookie, time and an HMAC-SHA256 over time, features
/// and the client's transport address. A nonce of another client, another process or other features
/// is stale, like an old one.
class NonceMint {
 public:
  static constexpr std::size_t kSize = 29;
  using Key = std::array<std::byte, 32>;
  using Nonce = std::array<char, kSize>;

  explicit NonceMint(const Key& key) : key_(key) {}

  [[nodiscard]] Nonce make(const base::TransportAddress& client,
                           SecurityFeatures features,
                           base::Instant now) const;

  /// Whether it is ours, for this client and at most `lifetime` old.
  [[nodiscard]] bool is_valid(base::Bytes nonce,
                              const base::TransportAddress& client,
                              base::Duration lifetime,
                              base::Instant now) const;

 private:
  [[nodiscard]] Nonce make_at(const base::TransportAddress& client,
                              SecurityFeatures features,
                              std::uint32_t seconds) const;

  Key key_;
};

}  // namespace auth
