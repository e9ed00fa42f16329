// SPDX-License-Identifier: Apache-2.0
#include "base/byte_reader.hpp"

#include "support/hex.hpp"
#include "support/test.hpp"

namespace {
using base::ByteReader;
}

TEST_GROUP(ByteReader) {
};

TEST(ByteReader, ReadsBigEndianInOrder) {
  const auto bytes = "01 0203 04050607 0809"_hex;
  ByteReader reader(bytes);
  CHECK_EQUAL(std::optional<std::uint8_t>(0x01), reader.read_u8());
  CHECK_EQUAL(std::optional<std::uint16_t>(0x0203), reader.read_u16());
  CHECK_EQUAL(std::optional<std::uint32_t>(0x04050607), reader.read_u32());
  const auto rest = reader.read(2);
  CHECK_TRUE(rest.has_value());
  HEX_EQUAL("0809"_hex, *rest);
  POINTERS_EQUAL(bytes.data() + 7, rest->data());
  CHECK_EQUAL(std::size_t{0}, reader.remaining());
}

TEST(ByteReader, FailedReadTakesNothing) {
  const auto bytes = "010203"_hex;
  ByteReader reader(bytes);
  CHECK_FALSE(reader.read_u32().has_value());
  CHECK_FALSE(reader.read(4).has_value());
  CHECK_EQUAL(std::size_t{3}, reader.remaining());
  CHECK_EQUAL(std::optional<std::uint16_t>(0x0102), reader.read_u16());
  CHECK_FALSE(reader.read_u16().has_value());
  CHECK_EQUAL(std::optional<std::uint8_t>(0x03), reader.read_u8());
  CHECK_FALSE(reader.read_u8().has_value());
}

TEST(ByteReader, NothingCanBeReadFromNothing) {
  ByteReader reader({});
  CHECK_FALSE(reader.read_u8().has_value());
  CHECK_FALSE(reader.read_u16().has_value());
  CHECK_FALSE(reader.read_u32().has_value());
  CHECK_FALSE(reader.read(1).has_value());
}

TEST(ByteReader, ReadOfZeroBytesAlwaysWorks) {
  ByteReader reader({});
  const auto none = reader.read(0);
  CHECK_TRUE(none.has_value());
  CHECK_TRUE(none->empty());
}

TEST(ByteReader, HugeCountDoesNotWrap) {
  const auto bytes = "0102"_hex;
  ByteReader reader(bytes);
  CHECK_TRUE(reader.read(1).has_value());
  CHECK_FALSE(reader.read(SIZE_MAX).has_value());
  CHECK_EQUAL(std::size_t{1}, reader.remaining());
}
