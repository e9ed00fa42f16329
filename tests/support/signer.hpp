// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/authenticator.hpp"
#include "support/raw_message.hpp"

#include <optional>
#include <string>

namespace support {

/// How a client of the long-term credential mechanism signs: RFC 8489 §9.2.3. Each field may be
/// made wrong.
struct Signer {
  std::string username = "alice";
  std::string password = "pass";
  std::string realm = "example.org";
  std::string nonce;
  /// Named in PASSWORD-ALGORITHM, with the list that servers of ours offer; none: a client of RFC
  /// 5389.
  std::optional<stun::PasswordAlgorithm> algorithm;
  stun::IntegrityKind integrity = stun::IntegrityKind::Sha1;
  bool by_userhash = false;

  [[nodiscard]] stun::LongTermKey key() const {
    return stun::long_term_key(
        algorithm.value_or(stun::PasswordAlgorithm::Md5), username, realm, password);
  }

  /// Adds everything that authenticates, integrity last.
  [[nodiscard]] RawMessage sign(RawMessage message) const;
};

}  // namespace support
