// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <optional>

namespace base {

/// Big-endian cursor that never reads past its end: each read gives nothing when too few bytes are
/// left.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : rest_(bytes) {}

  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }

  [[nodiscard]] std::optional<std::uint8_t> read_u8() {
    const auto part = read(1);
    if (!part) {
      return std::nullopt;
    }
    return std::to_integer<std::uint8_t>((*part)[0]);
  }

  [[nodiscard]] std::optional<std::uint16_t> read_u16() {
    const auto part = read(2);
    if (!part) {
      return std::nullopt;
    }
    return load_u16(part->data());
  }

  [[nodiscard]] std::optional<std::uint32_t> read_u32() {
    const auto part = read(4);
    if (!part) {
      return std::nullopt;
    }
    return load_u32(part->data());
  }

  /// The next `count` bytes, not copied.
  [[nodiscard]] std::optional<Bytes> read(std::size_t count) {
    if (count > rest_.size()) {
      return std::nullopt;
    }
    const Bytes part = rest_.first(count);
    rest_ = rest_.subspan(count);
    return part;
  }

 private:
  Bytes rest_;
};

}  // namespace base
