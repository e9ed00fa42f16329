// SPDX-License-Identifier: Apache-2.0
#include "support/signer.hpp"

namespace support {

RawMessage Signer::sign(RawMessage message) const {
  using stun::AttributeType;
  if (by_userhash) {
    message.add(AttributeType::Userhash, base::Bytes(stun::userhash_of(username, realm)));
  } else {
    message.add(AttributeType::Username, username);
  }
  message.add(AttributeType::Realm, realm).add(AttributeType::Nonce, nonce);
  if (algorithm) {
    message.add(AttributeType::PasswordAlgorithms, auth::offered_password_algorithms())
        .add_leading_u16(AttributeType::PasswordAlgorithm, static_cast<std::uint16_t>(*algorithm));
  }
  return message.add_integrity(integrity, key().bytes());
}

}  // namespace support
