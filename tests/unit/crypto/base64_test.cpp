// SPDX-License-Identifier: Apache-2.0
#include "crypto/base64.hpp"

#include "support/hex.hpp"
#include "support/seeded_random.hpp"
#include "support/test.hpp"

namespace {

struct Pair {
  const char* plain;
  const char* encoded;
};

// RFC 4648 §10.
constexpr Pair kRfc4648[] = {{"", ""},
                             {"f", "Zg=="},
                             {"fo", "Zm8="},
                             {"foo", "Zm9v"},
                             {"foob", "Zm9vYg=="},
                             {"fooba", "Zm9vYmE="},
                             {"foobar", "Zm9vYmFy"}};

}  // namespace

TEST_GROUP(Base64) {
  static std::string parsed(std::string_view text) {
    const auto bytes = crypto::parse_base64(text);
    return bytes ? base::to_hex(*bytes) : "refused";
  }
};

TEST(Base64, EncodesAsRfc4648) {
  for (const auto& [plain, encoded] : kRfc4648) {
    CHECK_EQUAL(std::string(encoded), crypto::base64(base::bytes_of(plain)));
  }
}

TEST(Base64, ParsesAsRfc4648) {
  for (const auto& [plain, encoded] : kRfc4648) {
    CHECK_EQUAL(base::to_hex(base::bytes_of(plain)), parsed(encoded));
  }
}

TEST(Base64, UsesTheStandardAlphabet) {
  CHECK_EQUAL(std::string("++++"), crypto::base64("fbefbe"_hex));
  CHECK_EQUAL(std::string("////"), crypto::base64("ffffff"_hex));
  CHECK_EQUAL(std::string("fbefbe"), parsed("++++"));
  CHECK_EQUAL(std::string("refused"), parsed("----"));
  CHECK_EQUAL(std::string("refused"), parsed("____"));
}

TEST(Base64, LongTextIsOneLine) {
  const std::string encoded = crypto::base64(support::repeated('x', 300));
  CHECK_EQUAL(std::size_t{400}, encoded.size());
  CHECK_TRUE(encoded.find('\n') == std::string::npos);
}

TEST(Base64, BytesOfEveryLengthComeBack) {
  support::SeededRandom random(4);
  for (std::size_t size = 0; size < 200; ++size) {
    std::vector<std::byte> bytes(size);
    random.fill(bytes);
    CHECK_EQUAL(base::to_hex(bytes), parsed(crypto::base64(bytes)));
  }
}

TEST(Base64, LengthThatIsNoMultipleOfFourIsRefused) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zm9vY", "Zm9vYg", "Zm9vYg="}) {
    CHECK_EQUAL(std::string("refused"), parsed(text));
  }
}

TEST(Base64, PaddingAnywhereButAtTheEndIsRefused) {
  for (const char* text : {"====", "Z===", "=Zg=", "Zg=v", "Zg==Zm9v", "Zm=vZg==", "=AAA"}) {
    CHECK_EQUAL(std::string("refused"), parsed(text));
  }
}

TEST(Base64, ForeignCharactersAreRefused) {
  for (const char* text : {"Zm9!",
                           "Zm 9",
                           "Zm9\n",
                           "    ",
                           "    Zm9v",
                           "Zm9v    ",
                           "Zg==\n\n\n\n",
                           "Zm9v----",
                           "\xC3\xA4\xC3\xA4"}) {
    CHECK_EQUAL(std::string("refused"), parsed(text));
  }
  CHECK_EQUAL(std::string("refused"), parsed(std::string_view("Zm9\0", 4)));
}
