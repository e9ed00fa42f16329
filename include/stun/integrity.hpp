// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/digest.hpp"
#include "stun/message_view.hpp"

#include <string_view>

namespace stun {

/// Key of the long-term credential mechanism, RFC 8489 §9.2.2 and §18.5.1: 16 bytes for MD5, 32 for
/// SHA-256.
class LongTermKey {
 public:
  LongTermKey() = default;

  explicit LongTermKey(const crypto::Md5& key) : size_(key.size()) { base::copy_bytes(raw_, key); }

  explicit LongTermKey(const crypto::Sha256& key) : size_(key.size()) {
    base::copy_bytes(raw_, key);
  }

  [[nodiscard]] base::Bytes bytes() const { return base::Bytes(raw_).first(size_); }

  friend bool operator==(const LongTermKey&, const LongTermKey&) = default;

 private:
  std::array<std::byte, 32> raw_{};
  std::size_t size_ = 0;
};

/// Hash of "username:realm:password" by the algorithm.
[[nodiscard]] LongTermKey long_term_key(PasswordAlgorithm algorithm,
                                        std::string_view username,
                                        std::string_view realm,
                                        std::string_view password);

/// SHA-256 of "username:realm": RFC 8489 §14.4.
[[nodiscard]] crypto::Sha256 userhash_of(std::string_view username, std::string_view realm);

/// Whether the message's integrity attribute of this kind is there and right, compared in constant
/// time.
[[nodiscard]] bool verify_integrity(const MessageView& message,
                                    IntegrityKind kind,
                                    base::Bytes key);

}  // namespace stun
