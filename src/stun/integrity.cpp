// SPDX-License-Identifier: Apache-2.0
#include "stun/integrity.hpp"

#include "crypto/equal.hpp"

namespace stun {

LongTermKey long_term_key(PasswordAlgorithm algorithm,
                          std::string_view username,
                          std::string_view realm,
                          std::string_view password) {
  const base::Bytes colon = base::bytes_of(":");
  const auto parts = {
      base::bytes_of(username), colon, base::bytes_of(realm), colon, base::bytes_of(password)};
  return algorithm == PasswordAlgorithm::Md5 ? LongTermKey(crypto::md5(parts))
                                             : LongTermKey(crypto::sha256(parts));
}

crypto::Sha256 userhash_of(std::string_view username, std::string_view realm) {
  return crypto::sha256({base::bytes_of(username), base::bytes_of(":"), base::bytes_of(realm)});
}

bool verify_integrity(const MessageView& message, IntegrityKind kind, base::Bytes key) {
  const auto offset = message.integrity_offset(kind);
  if (!offset) {
    return false;
  }
  // The length field counts up to the end of the integrity attribute while hashing: RFC 8489 §14.5.
  const std::size_t size =
      kind == IntegrityKind::Sha1 ? sizeof(crypto::Sha1) : sizeof(crypto::Sha256);
  const std::size_t end = *offset + kAttributeHeaderSize + size;
  std::array<std::byte, 4> head{};
  base::copy_bytes(head, message.bytes().first(2));
  base::store_u16(head.data() + 2, static_cast<std::uint16_t>(end - kHeaderSize));
  const base::Bytes rest = message.bytes().subspan(4, *offset - 4);
  const base::Bytes received = message.bytes().subspan(*offset + kAttributeHeaderSize, size);
  if (kind == IntegrityKind::Sha1) {
    return crypto::equal_in_constant_time(crypto::hmac_sha1(key, {head, rest}), received);
  }
  return crypto::equal_in_constant_time(crypto::hmac_sha256(key, {head, rest}), received);
}

}  // namespace stun
