// SPDX-License-Identifier: Apache-2.0
#include "crypto/secure_random.hpp"

#include "base/check.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace crypto {

void SecureRandom::fill(base::MutableBytes out) {
  while (!out.empty()) {
    if (used_ == block_.size()) {
      CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(block_.data()),
                       static_cast<int>(block_.size())) == 1);
      used_ = 0;
    }
    const std::size_t count = std::min(out.size(), block_.size() - used_);
    const base::MutableBytes drawn = base::MutableBytes(block_).subspan(used_, count);
    base::copy_bytes(out, drawn);
    // What was handed out must not be found in memory later.
    OPENSSL_cleanse(drawn.data(), drawn.size());
    used_ += count;
    out = out.subspan(count);
  }
}

}  // namespace crypto
