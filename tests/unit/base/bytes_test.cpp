// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"

#include "support/hex.hpp"
#include "support/test.hpp"

TEST_GROUP(Bytes) {
};

TEST(Bytes, TextAndBytesAreViewsOfTheSameMemory) {
  const std::string text = "turn";
  const base::Bytes bytes = base::bytes_of(text);
  HEX_EQUAL("7475726e"_hex, bytes);
  POINTERS_EQUAL(text.data(), bytes.data());
  const std::string_view back = base::text_of(bytes);
  CHECK_EQUAL(text, std::string(back));
  POINTERS_EQUAL(text.data(), back.data());
}

TEST(Bytes, TextMayHoldNulAndHighBytes) {
  const std::string text("\0\xFF", 2);
  HEX_EQUAL("00ff"_hex, base::bytes_of(text));
  CHECK_TRUE(base::text_of("00ff"_hex) == text);
}

TEST(Bytes, EmptyTextHasNoBytes) {
  CHECK_TRUE(base::bytes_of("").empty());
  CHECK_TRUE(base::text_of({}).empty());
}

TEST(Bytes, CopyLeavesWhatLiesBehind) {
  auto to = "aabbccdd"_hex;
  base::copy_bytes(to, "0102"_hex);
  HEX_EQUAL("0102ccdd"_hex, to);
}

TEST(Bytes, CopyOfNothingToNothingIsAllowed) {
  base::copy_bytes({}, {});
  auto to = "aa"_hex;
  base::copy_bytes(to, {});
  HEX_EQUAL("aa"_hex, to);
}

TEST(Bytes, LoadsAreBigEndianAtAnyAlignment) {
  const auto bytes = "00 01 02 03 04 fe ff"_hex;
  CHECK_EQUAL(0x0001U, base::load_u16(bytes.data()));
  CHECK_EQUAL(0x0102U, base::load_u16(bytes.data() + 1));
  CHECK_EQUAL(0xFEFFU, base::load_u16(bytes.data() + 5));
  CHECK_EQUAL(0x00010203U, base::load_u32(bytes.data()));
  CHECK_EQUAL(0x01020304U, base::load_u32(bytes.data() + 1));
  CHECK_EQUAL(0x0304FEFFU, base::load_u32(bytes.data() + 3));
}

TEST(Bytes, StoresAreBigEndianAndTouchNothingElse) {
  auto bytes = support::repeated(0xAA, 8);
  base::store_u16(bytes.data() + 1, 0xFE01);
  HEX_EQUAL("aafe01aaaaaaaaaa"_hex, bytes);
  base::store_u32(bytes.data() + 3, 0x80FF0102);
  HEX_EQUAL("aafe0180ff0102aa"_hex, bytes);
}

TEST(Bytes, EveryNumberComesBack) {
  std::array<std::byte, 4> raw{};
  for (std::uint32_t value = 0; value <= 0xFFFF; ++value) {
    base::store_u16(raw.data(), static_cast<std::uint16_t>(value));
    CHECK_EQUAL(value, base::load_u16(raw.data()));
    base::store_u32(raw.data(), value * 0x10001U);
    CHECK_EQUAL(value * 0x10001U, base::load_u32(raw.data()));
  }
}

TEST(Bytes, HexIsLowerCaseWithLeadingZeros) {
  STRCMP_EQUAL("000a10ff", base::to_hex("000a10ff"_hex).c_str());
  STRCMP_EQUAL("", base::to_hex({}).c_str());
}
