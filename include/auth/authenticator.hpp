// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/credentials.hpp"
#include "auth/nonce.hpp"
#include "base/result.hpp"
#include "stun/message_view.hpp"

#include <optional>
#include <string>

namespace auth {

/// Who sent a request and the key that proves it. Kept with the allocation; the password is not
/// (RFC 8656 §6).
struct Identity {
  std::string username;   ///< As the client names itself; resolved when it came as USERHASH.
  std::string user;       ///< What limits count: the name without its expiry, "" for a bare expiry.
  std::string secret_id;  ///< Which shared secret matched; "" for a static user.
  std::optional<base::WallTime> expiry;
  stun::LongTermKey key;
  stun::PasswordAlgorithm algorithm = stun::PasswordAlgorithm::Md5;
};

/// Why a request was not authenticated. Each is a counter and a log reason.
enum class RefusalReason : std::uint8_t {
  NoCredentials,      ///< The ordinary first request: 401.
  MissingAttributes,  ///< Integrity without username, realm or nonce: 400.
  BadAlgorithms,      ///< PASSWORD-ALGORITHM(S) not as sent: 400.
  WrongRealm,         ///< 401.
  UnknownUser,        ///< 401.
  WrongPassword,      ///< No key or secret matches: 401.
  Expired,            ///< 401.
  StaleNonce,         ///< 438.
};

struct Refusal {
  stun::ErrorCode code;
  RefusalReason reason;
  /// For Expired: how long ago.
  std::chrono::seconds expired_ago{0};
};

/// An authenticated request: who, and which integrity attribute the answer carries.
struct Authenticated {
  Identity identity;
  stun::IntegrityKind answer_integrity = stun::IntegrityKind::Sha1;
};

/// The value of PASSWORD-ALGORITHMS that challenges carry: SHA-256 before MD5. RFC 8489 §14.11.
[[nodiscard]] base::Bytes offered_password_algorithms();

/// Settings of one check.
struct AuthenticationRules {
  base::Duration nonce_lifetime{};
  bool strict_expiry = false;  ///< An expired credential cannot even refresh.
};

/// Runs the checks of RFC 8489 §9.2.4 in their order. `known` is the identity that made the
/// allocation on this 5-tuple, or nullptr: its key is used again, and its credential may expire
/// unless the rules are strict.
[[nodiscard]] base::Result<Authenticated, Refusal> authenticate(
    const stun::MessageView& message,
    const base::TransportAddress& client,
    base::Now now,
    const Credentials& credentials,
    const NonceMint& nonces,
    const AuthenticationRules& rules,
    const Identity* known);

}  // namespace auth
