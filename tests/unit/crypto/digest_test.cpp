// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.hpp"

#include "support/hex.hpp"
#include "support/test.hpp"

#include <thread>

namespace {

using base::bytes_of;
using support::repeated;

struct TextVector {
  const char* text;
  const char* digest;
};

// RFC 1321 appendix A.5.
constexpr TextVector kMd5Vectors[] = {
    {"", "d41d8cd98f00b204e9800998ecf8427e"},
    {"a", "0cc175b9c0f1b6a831c399e269772661"},
    {"abc", "900150983cd24fb0d6963f7d28e17f72"},
    {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
    {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
     "d174ab98d277d9f5a5611c2c9f419d9f"},
    {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
     "57edf4a22be3c955ac49da2e2107b67a"},
};

// FIPS 180 examples and the empty message.
constexpr TextVector kSha1Vectors[] = {
    {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
};

constexpr TextVector kSha256Vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

struct HmacVector {
  std::vector<std::byte> key;
  std::vector<std::byte> data;
  const char* mac;
};

}  // namespace

TEST_GROUP(Digest) {
};

TEST(Digest, Md5OfRfc1321) {
  for (const auto& [text, digest] : kMd5Vectors) {
    HEX_EQUAL(support::from_hex(digest), crypto::md5({bytes_of(text)}));
  }
}

TEST(Digest, Sha1OfFips180) {
  for (const auto& [text, digest] : kSha1Vectors) {
    HEX_EQUAL(support::from_hex(digest), crypto::sha1({bytes_of(text)}));
  }
  HEX_EQUAL("34aa973cd4c4daa4f61eeb2bdbad27316534016f"_hex,
            crypto::sha1({repeated('a', 1'000'000)}));
}

TEST(Digest, Sha256OfFips180) {
  for (const auto& [text, digest] : kSha256Vectors) {
    HEX_EQUAL(support::from_hex(digest), crypto::sha256({bytes_of(text)}));
  }
  HEX_EQUAL("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"_hex,
            crypto::sha256({repeated('a', 1'000'000)}));
}

TEST(Digest, PartsAreOneMessage) {
  HEX_EQUAL(crypto::md5({bytes_of("abc")}), crypto::md5({bytes_of("a"), {}, bytes_of("bc")}));
  HEX_EQUAL(crypto::sha1({bytes_of("abc")}), crypto::sha1({bytes_of("ab"), bytes_of("c"), {}}));
  HEX_EQUAL(crypto::sha256({bytes_of("abc")}),
            crypto::sha256({{}, bytes_of("a"), bytes_of("b"), bytes_of("c")}));
  HEX_EQUAL(crypto::md5({bytes_of("")}), crypto::md5({}));
}

TEST(Digest, HmacSha1OfRfc2202) {
  const HmacVector vectors[] = {
      {repeated(0x0b, 20),
       support::from_text("Hi There"),
       "b617318655057264e28bc0b6fb378c8ef146be00"},
      {support::from_text("Jefe"),
       support::from_text("what do ya want for nothing?"),
       "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
      {repeated(0xaa, 20), repeated(0xdd, 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
      {"0102030405060708090a0b0c0d0e0f10111213141516171819"_hex,
       repeated(0xcd, 50),
       "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
      {repeated(0x0c, 20),
       support::from_text("Test With Truncation"),
       "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"},
      {repeated(0xaa, 80),
       support::from_text("Test Using Larger Than Block-Size Key - Hash Key First"),
       "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
      {repeated(0xaa, 80),
       support::from_text(
           "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"),
       "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"},
  };
  for (const auto& [key, data, mac] : vectors) {
    HEX_EQUAL(support::from_hex(mac), crypto::hmac_sha1(key, {data}));
  }
}

TEST(Digest, HmacSha256OfRfc4231) {
  // Test case 5 of the RFC is about truncation and gives 128 bits only.
  const HmacVector vectors[] = {
      {repeated(0x0b, 20),
       support::from_text("Hi There"),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {support::from_text("Jefe"),
       support::from_text("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {repeated(0xaa, 20),
       repeated(0xdd, 50),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {"0102030405060708090a0b0c0d0e0f10111213141516171819"_hex,
       repeated(0xcd, 50),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {repeated(0xaa, 131),
       support::from_text("Test Using Larger Than Block-Size Key - Hash Key First"),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {repeated(0xaa, 131),
       support::from_text("This is a test using a larger than block-size key and a larger than "
                          "block-size data. The "
                          "key needs to be hashed before being used by the HMAC algorithm."),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const auto& [key, data, mac] : vectors) {
    HEX_EQUAL(support::from_hex(mac), crypto::hmac_sha256(key, {data}));
  }
}

TEST(Digest, HmacKeyOfOneBlockIsUsedAsItIs) {
  // 64 bytes are the last length that is not hashed first (RFC 2104 §2); the value is that of
  // Python's hmac module.
  const auto key = repeated(0x61, 64);
  HEX_EQUAL("141c61c35ffa55d9dbc7fc409919b141a512d17b"_hex,
            crypto::hmac_sha1(key, {bytes_of("x")}));
  HEX_EQUAL(crypto::hmac_sha1(crypto::sha1({repeated(0x61, 65)}), {bytes_of("x")}),
            crypto::hmac_sha1(repeated(0x61, 65), {bytes_of("x")}));
}

TEST(Digest, HmacTakesEmptyKeyAndMessage) {
  HEX_EQUAL("fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"_hex, crypto::hmac_sha1({}, {}));
  HEX_EQUAL("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"_hex,
            crypto::hmac_sha256({}, {bytes_of("")}));
}

TEST(Digest, HmacPartsAreOneMessage) {
  const auto key = repeated(1, 16);
  HEX_EQUAL(crypto::hmac_sha1(key, {bytes_of("abc")}),
            crypto::hmac_sha1(key, {bytes_of("a"), {}, bytes_of("bc")}));
  HEX_EQUAL(crypto::hmac_sha256(key, {bytes_of("abc")}),
            crypto::hmac_sha256(key, {bytes_of("ab"), bytes_of("c")}));
}

TEST(Digest, EachThreadHasContextsOfItsOwn) {
  const auto data = repeated('a', 10'000);
  const crypto::Sha256 expected = crypto::sha256({data});
  const auto hash_often = [&](int& wrong) {
    for (int i = 0; i < 500; ++i) {
      wrong += crypto::sha256({data}) == expected ? 0 : 1;
    }
  };
  int wrong_here = 0;
  int wrong_there = 0;
  std::thread other([&] { hash_often(wrong_there); });
  hash_often(wrong_here);
  other.join();
  CHECK_EQUAL(0, wrong_here);
  CHECK_EQUAL(0, wrong_there);
}
