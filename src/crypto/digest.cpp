// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.hpp"

#include "base/check.hpp"

#include <memory>

#include <openssl/evp.h>

namespace crypto {
namespace {

struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }

  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// A fetched algorithm and a context that stays set up for it. Fetching by name at each use costs
/// more than hashing.
class Hasher {
 public:
  explicit Hasher(const char* name)
      : digest_(EVP_MD_fetch(nullptr, name, nullptr)), context_(EVP_MD_CTX_new()) {
    CHECK(digest_ != nullptr && context_ != nullptr);
  }

  void begin() { CHECK(EVP_DigestInit_ex2(context_.get(), digest_.get(), nullptr) == 1); }

  void add(base::Bytes part) {
    CHECK(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1);
  }

  void finish(base::MutableBytes out) {
    unsigned int length = 0;
    CHECK(EVP_DigestFinal_ex(
              context_.get(), reinterpret_cast<unsigned char*>(out.data()), &length) == 1);
    CHECK(length == out.size());
  }

 private:
  std::unique_ptr<EVP_MD, FreeDigest> digest_;
  std::unique_ptr<EVP_MD_CTX, FreeDigest> context_;
};

/// One set a thread: contexts are not shared, and nothing is allocated a message.
struct Hashers {
  Hasher md5{"MD5"};
  Hasher sha1{"SHA1"};
  Hasher sha256{"SHA2-256"};
};

Hashers& hashers() {
  thread_local Hashers kept;
  return kept;
}

template <typename Out>
Out digest(Hasher& hasher, std::initializer_list<base::Bytes> parts) {
  Out out{};
  hasher.begin();
  for (const base::Bytes part : parts) {
    hasher.add(part);
  }
  hasher.finish(out);
  return out;
}

template <typename Out>
Out hmac(Hasher& hasher, base::Bytes key, std::initializer_list<base::Bytes> parts) {
  constexpr std::size_t kBlock = 64;  // The block of MD5, SHA-1 and SHA-256 alike.
  std::array<std::byte, kBlock> pad{};
  if (key.size() > kBlock) {
    const Out short_key = digest<Out>(hasher, {key});
    base::copy_bytes(pad, short_key);
  } else {
    base::copy_bytes(pad, key);
  }
  for (std::byte& byte : pad) {
    byte ^= std::byte{0x36};
  }
  Out inner{};
  hasher.begin();
  hasher.add(pad);
  for (const base::Bytes part : parts) {
    hasher.add(part);
  }
  hasher.finish(inner);
  for (std::byte& byte : pad) {
    byte ^= std::byte{0x36} ^ std::byte{0x5C};
  }
  return digest<Out>(hasher, {pad, inner});
}

}  // namespace

Md5 md5(std::initializer_list<base::Bytes> parts) {
  return digest<Md5>(hashers().md5, parts);
}

Sha1 sha1(std::initializer_list<base::Bytes> parts) {
  return digest<Sha1>(hashers().sha1, parts);
}

Sha256 sha256(std::initializer_list<base::Bytes> parts) {
  return digest<Sha256>(hashers().sha256, parts);
}

Sha1 hmac_sha1(base::Bytes key, std::initializer_list<base::Bytes> parts) {
  return hmac<Sha1>(hashers().sha1, key, parts);
}

Sha256 hmac_sha256(base::Bytes key, std::initializer_list<base::Bytes> parts) {
  return hmac<Sha256>(hashers().sha256, key, parts);
}

}  // namespace crypto
