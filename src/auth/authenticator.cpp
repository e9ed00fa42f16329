// SPDX-License-Identifier: Apache-2.0
#include "auth/authenticator.hpp"

#include "crypto/equal.hpp"
#include "stun/attributes.hpp"

#include <algorithm>

namespace auth {
namespace {

using stun::AttributeType;
using stun::ErrorCode;
using stun::IntegrityKind;
using stun::PasswordAlgorithm;

constexpr std::array<std::byte, 8> kOffered = {std::byte{0},
                                               std::byte{2},
                                               std::byte{0},
                                               std::byte{0},
                                               std::byte{0},
                                               std::byte{1},
                                               std::byte{0},
                                               std::byte{0}};

/// The parts of a request that authentication looks at.
struct Claims {
  base::Bytes nonce;
  std::string_view realm;
  std::string_view username;
  std::optional<base::Bytes> userhash;
  IntegrityKind integrity = IntegrityKind::Sha1;
  PasswordAlgorithm algorithm = PasswordAlgorithm::Md5;
  bool names_algorithm = false;
};

tl::unexpected<Refusal> refuse(ErrorCode code, RefusalReason reason) {
  return base::failure(Refusal{code, reason});
}

/// RFC 8489 §9.2.4, the third check: algorithms must come back as they were sent.
base::Result<void, Refusal> read_algorithm(const stun::MessageView& message, Claims& claims) {
  if (!claimed_features(claims.nonce).password_algorithms) {
    return {};
  }
  const auto list = message.find(AttributeType::PasswordAlgorithms);
  const auto chosen = message.find(AttributeType::PasswordAlgorithm);
  if (!list && !chosen) {
    return {};
  }
  const bool as_sent =
      list && std::equal(list->begin(), list->end(), kOffered.begin(), kOffered.end());
  const auto number = chosen ? stun::parse_password_algorithm(*chosen) : std::nullopt;
  // NOLINTNEXTLINE(misc-redundant-expression): clang-tidy 14 takes the two enumerators for one.
  const bool known = number == static_cast<std::uint16_t>(PasswordAlgorithm::Md5) ||
                     number == static_cast<std::uint16_t>(PasswordAlgorithm::Sha256);
  if (!as_sent || !known) {
    return refuse(ErrorCode::BadRequest, RefusalReason::BadAlgorithms);
  }
  claims.algorithm = static_cast<PasswordAlgorithm>(*number);
  claims.names_algorithm = true;
  return {};
}

base::Result<Claims, Refusal> read_claims(const stun::MessageView& message) {
  Claims claims;
  if (message.integrity_offset(IntegrityKind::Sha256)) {
    claims.integrity = IntegrityKind::Sha256;
  } else if (!message.integrity_offset(IntegrityKind::Sha1)) {
    return refuse(ErrorCode::Unauthenticated, RefusalReason::NoCredentials);
  }
  const auto username = message.find(AttributeType::Username);
  claims.userhash = message.find(AttributeType::Userhash);
  const auto realm = message.find(AttributeType::Realm);
  const auto nonce = message.find(AttributeType::Nonce);
  if ((!username && !claims.userhash) || !realm || !nonce) {
    return refuse(ErrorCode::BadRequest, RefusalReason::MissingAttributes);
  }
  if ((username && username->size() > stun::kTextSizeMax) || realm->size() > stun::kTextSizeMax ||
      nonce->size() > stun::kTextSizeMax) {
    return refuse(ErrorCode::BadRequest, RefusalReason::MissingAttributes);
  }
  claims.username = username ? base::text_of(*username) : std::string_view();
  claims.realm = base::text_of(*realm);
  claims.nonce = *nonce;
  if (const auto algorithm = read_algorithm(message, claims); !algorithm) {
    return base::failure(algorithm.error());
  }
  return claims;
}

bool is_known(const Claims& claims, const Identity& known, std::string_view realm) {
  if (claims.algorithm != known.algorithm) {
    return false;
  }
  if (claims.userhash && claims.username.empty()) {
    return crypto::equal_in_constant_time(*claims.userhash,
                                          stun::userhash_of(known.username, realm));
  }
  return claims.username == known.username;
}

base::Result<Identity, Refusal> match_static(const stun::MessageView& message,
                                             const Claims& claims,
                                             const StaticUser& user) {
  const bool sha256 = claims.algorithm == PasswordAlgorithm::Sha256;
  if (sha256 && !user.sha256_key) {
    return refuse(ErrorCode::Unauthenticated, RefusalReason::WrongPassword);
  }
  const stun::LongTermKey& key = sha256 ? *user.sha256_key : user.md5_key;
  if (!stun::verify_integrity(message, claims.integrity, key.bytes())) {
    return refuse(ErrorCode::Unauthenticated, RefusalReason::WrongPassword);
  }
  return Identity{user.name, user.name, {}, std::nullopt, key, claims.algorithm};
}

base::Result<Identity, Refusal> match_time_limited(const stun::MessageView& message,
                                                   const Claims& claims,
                                                   const Credentials& credentials,
                                                   base::WallTime now) {
  const auto name = parse_time_limited(claims.username, now);
  if (!name || credentials.secrets().empty()) {
    // The same work as for a known name: the time of an answer must not tell who exists.
    const stun::LongTermKey none =
        stun::long_term_key(claims.algorithm, claims.username, credentials.realm(), {});
    static_cast<void>(stun::verify_integrity(message, claims.integrity, none.bytes()));
    return refuse(ErrorCode::Unauthenticated, RefusalReason::UnknownUser);
  }
  for (const SharedSecret& secret : credentials.secrets()) {
    const std::string password = time_limited_password(secret.value, claims.username);
    const stun::LongTermKey key =
        stun::long_term_key(claims.algorithm, claims.username, credentials.realm(), password);
    if (stun::verify_integrity(message, claims.integrity, key.bytes())) {
      return Identity{std::string(claims.username),
                      std::string(name->user),
                      secret.id,
                      name->expiry,
                      key,
                      claims.algorithm};
    }
  }
  return refuse(ErrorCode::Unauthenticated, RefusalReason::WrongPassword);
}

base::Result<Identity, Refusal> match(const stun::MessageView& message,
                                      const Claims& claims,
                                      const Credentials& credentials,
                                      base::WallTime now,
                                      const Identity* known) {
  if (claims.realm != credentials.realm()) {
    return refuse(ErrorCode::Unauthenticated, RefusalReason::WrongRealm);
  }
  if (known != nullptr && is_known(claims, *known, credentials.realm())) {
    if (!stun::verify_integrity(message, claims.integrity, known->key.bytes())) {
      return refuse(ErrorCode::Unauthenticated, RefusalReason::WrongPassword);
    }
    return *known;
  }
  const bool by_hash = claims.userhash && claims.username.empty();
  const StaticUser* user = by_hash ? credentials.find_userhash(*claims.userhash)
                                   : credentials.find_user(claims.username);
  return user != nullptr ? match_static(message, claims, *user)
                         : match_time_limited(message, claims, credentials, now);
}

}  // namespace

base::Bytes offered_password_algorithms() {
  return kOffered;
}

base::Result<Authenticated, Refusal> authenticate(const stun::MessageView& message,
                                                  const base::TransportAddress& client,
                                                  base::Now now,
                                                  const Credentials& credentials,
                                                  const NonceMint& nonces,
                                                  const AuthenticationRules& rules,
                                                  const Identity* known) {
  const auto claims = read_claims(message);
  if (!claims) {
    return base::failure(claims.error());
  }
  auto identity = match(message, *claims, credentials, now.wall, known);
  if (!identity) {
    return base::failure(identity.error());
  }
  const bool may_outlive =
      known != nullptr && known->username == identity->username && !rules.strict_expiry;
  if (identity->expiry && *identity->expiry <= now.wall && !may_outlive) {
    return base::failure(
        Refusal{ErrorCode::Unauthenticated, RefusalReason::Expired, now.wall - *identity->expiry});
  }
  if (!nonces.is_valid(claims->nonce, client, rules.nonce_lifetime, now.monotonic)) {
    return refuse(ErrorCode::StaleNonce, RefusalReason::StaleNonce);
  }
  // RFC 8489 §9.2.4: the SHA-256 attribute answers whoever named an algorithm, the old one
  // everybody else.
  return Authenticated{std::move(*identity),
                       claims->names_algorithm ? IntegrityKind::Sha256 : IntegrityKind::Sha1};
}

}  // namespace auth
