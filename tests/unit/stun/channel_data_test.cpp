// SPDX-License-Identifier: Apache-2.0
#include "stun/channel_data.hpp"

#include "support/hex.hpp"
#include "support/test.hpp"

namespace {
using stun::ChannelDataView;
using stun::ChannelNumber;
}  // namespace

TEST_GROUP(ChannelData) {
};

TEST(ChannelData, NumberAndDataAreTakenApart) {
  const auto bytes = "4001 0003 aabbcc"_hex;
  const auto view = ChannelDataView::parse(bytes);
  CHECK_TRUE(view.has_value());
  CHECK_EQUAL(ChannelNumber{0x4001}, view->number);
  HEX_EQUAL("aabbcc"_hex, view->data);
  POINTERS_EQUAL(bytes.data() + 4, view->data.data());
}

TEST(ChannelData, PaddingBehindTheDataIsAllowed) {
  HEX_EQUAL("aabbcc"_hex, ChannelDataView::parse("4001 0003 aabbccff"_hex)->data);
  HEX_EQUAL("aa"_hex, ChannelDataView::parse("4001 0001 aa000000"_hex)->data);
}

TEST(ChannelData, DataMayBeEmpty) {
  const auto view = ChannelDataView::parse("4fff0000"_hex);
  CHECK_TRUE(view.has_value());
  CHECK_TRUE(view->data.empty());
}

TEST(ChannelData, LargestLengthIsNotWrapped) {
  auto bytes = support::repeated(1, 4 + 0xFFFF);
  stun::write_channel_data_header(bytes.data(), ChannelNumber{0x4000}, 0xFFFF);
  CHECK_EQUAL(std::size_t{0xFFFF}, ChannelDataView::parse(bytes)->data.size());
  CHECK_FALSE(ChannelDataView::parse(base::Bytes(bytes).first(bytes.size() - 1)).has_value());
}

TEST(ChannelData, CutShortIsNothing) {
  const auto bytes = "4001 0003 aabbcc"_hex;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(ChannelDataView::parse(base::Bytes(bytes).first(size)).has_value());
  }
}

TEST(ChannelData, OnlyTheRangeOfRfc8656IsTaken) {
  for (unsigned number = 0; number <= 0xFFFF; ++number) {
    std::array<std::byte, 4> bytes{};
    stun::write_channel_data_header(
        bytes.data(), ChannelNumber{static_cast<std::uint16_t>(number)}, 0);
    CHECK_EQUAL(number >= 0x4000 && number <= 0x4FFF, ChannelDataView::parse(bytes).has_value());
  }
}

TEST(ChannelData, HeaderIsBigEndian) {
  std::array<std::byte, 4> bytes{};
  stun::write_channel_data_header(bytes.data(), ChannelNumber{0x4ABC}, 0x0102);
  HEX_EQUAL("4abc0102"_hex, bytes);
}
