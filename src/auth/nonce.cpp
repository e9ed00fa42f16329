// SPDX-License-Identifier: Apache-2.0
#include "auth/nonce.hpp"

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/equal.hpp"

#include <algorithm>

namespace auth {
namespace {

// RFC 8489 §9.2: the nonce cookie is this text and the base64 of 24 feature bits.
constexpr std::string_view kCookie = "obMatJos2";
constexpr std::size_t kFeatureSize = 4;
constexpr std::size_t kTagSize = 8;

std::array<std::byte, 3> feature_bits(SecurityFeatures features) {
  unsigned first = 0;
  first |= features.password_algorithms ? 0x80U : 0U;
  first |= features.username_anonymity ? 0x40U : 0U;
  return {static_cast<std::byte>(first), std::byte{0}, std::byte{0}};
}

std::uint32_t seconds_of(base::Instant now) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
}

}  // namespace

SecurityFeatures claimed_features(base::Bytes nonce) {
  const std::string_view text = base::text_of(nonce);
  if (text.size() < kCookie.size() + kFeatureSize || !text.starts_with(kCookie)) {
    return {};
  }
  const auto bits = crypto::parse_base64(text.substr(kCookie.size(), kFeatureSize));
  if (!bits || bits->size() != 3) {
    return {};
  }
  return {((*bits)[0] & std::byte{0x80}) != std::byte{0},
          ((*bits)[0] & std::byte{0x40}) != std::byte{0}};
}

NonceMint::Nonce NonceMint::make_at(const base::TransportAddress& client,
                                    SecurityFeatures features,
                                    std::uint32_t seconds) const {
  std::array<std::byte, 4 + kTagSize> body{};
  base::store_u32(body.data(), seconds);
  std::array<std::byte, 2> port{};
  base::store_u16(port.data(), client.port);
  const auto bits = feature_bits(features);
  const crypto::Sha256 tag =
      crypto::hmac_sha256(key_, {base::Bytes(body).first(4), bits, port, client.ip.bytes()});
  base::copy_bytes(base::MutableBytes(body).subspan(4), base::Bytes(tag).first(kTagSize));

  Nonce nonce{};
  auto out = std::copy(kCookie.begin(), kCookie.end(), nonce.begin());
  const std::string encoded_bits = crypto::base64(bits);
  out = std::copy(encoded_bits.begin(), encoded_bits.end(), out);
  const std::string encoded = crypto::base64(body);
  std::copy(encoded.begin(), encoded.end(), out);
  return nonce;
}

NonceMint::Nonce NonceMint::make(const base::TransportAddress& client,
                                 SecurityFeatures features,
                                 base::Instant now) const {
  return make_at(client, features, seconds_of(now));
}

bool NonceMint::is_valid(base::Bytes nonce,
                         const base::TransportAddress& client,
                         base::Duration lifetime,
                         base::Instant now) const {
  if (nonce.size() != kSize) {
    return false;
  }
  const auto body =
      crypto::parse_base64(base::text_of(nonce).substr(kCookie.size() + kFeatureSize));
  if (!body || body->size() != 4 + kTagSize) {
    return false;
  }
  const std::uint32_t made = base::load_u32(body->data());
  const Nonce expected = make_at(client, claimed_features(nonce), made);
  if (!crypto::equal_in_constant_time(base::bytes_of({expected.data(), expected.size()}), nonce)) {
    return false;
  }
  const std::uint32_t age = seconds_of(now) - made;  // Ours, so never from the future.
  return std::chrono::seconds(age) <= lifetime;
}

}  // namespace auth
