// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"

#include <optional>

namespace stun {

using ChannelNumber = base::Strong<struct ChannelNumberTag, std::uint16_t>;

/// RFC 8656 §12: the numbers a client may bind.
inline constexpr ChannelNumber kChannelNumberMin{0x4000};
inline constexpr ChannelNumber kChannelNumberMax{0x4FFF};
inline constexpr std::size_t kChannelDataHeaderSize = 4;

/// One ChannelData message (RFC 8656 §12.4): number and length, then the application data.
struct ChannelDataView {
  ChannelNumber number;
  base::Bytes data;

  /// Nothing when the number is outside the range or the data is cut short. Bytes behind the data
  /// are padding.
  [[nodiscard]] static std::optional<ChannelDataView> parse(base::Bytes message) {
    if (message.size() < kChannelDataHeaderSize) {
      return std::nullopt;
    }
    const ChannelNumber number{base::load_u16(message.data())};
    const std::size_t length = base::load_u16(message.data() + 2);
    if (number < kChannelNumberMin || number > kChannelNumberMax ||
        length > message.size() - kChannelDataHeaderSize) {
      return std::nullopt;
    }
    return ChannelDataView{number, message.subspan(kChannelDataHeaderSize, length)};
  }
};

inline void write_channel_data_header(std::byte* out, ChannelNumber number, std::size_t length) {
  base::store_u16(out, number.value());
  base::store_u16(out + 2, static_cast<std::uint16_t>(length));
}

}  // namespace stun
