// SPDX-License-Identifier: Apache-2.0
#include "crypto/equal.hpp"

#include <openssl/crypto.h>

namespace crypto {

bool equal_in_constant_time(base::Bytes left, base::Bytes right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace crypto
