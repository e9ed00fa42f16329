// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace base {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

/// The bytes of a text, not copied.
[[nodiscard]] inline Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// Bytes read as text, not copied and not checked to be UTF-8.
[[nodiscard]] inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Copies all of `from` to the start of `to`, which must be at least as long.
inline void copy_bytes(MutableBytes to, Bytes from) {
  if (!from.empty()) {
    std::memcpy(to.data(), from.data(), from.size());
  }
}

/// Big-endian loads and stores; no alignment is asked of `at`.
[[nodiscard]] inline std::uint16_t load_u16(const std::byte* at) {
  return static_cast<std::uint16_t>((std::to_integer<unsigned>(at[0]) << 8U) |
                                    std::to_integer<unsigned>(at[1]));
}

[[nodiscard]] inline std::uint32_t load_u32(const std::byte* at) {
  return (static_cast<std::uint32_t>(load_u16(at)) << 16U) | load_u16(at + 2);
}

inline void store_u16(std::byte* at, std::uint16_t value) {
  at[0] = static_cast<std::byte>(value >> 8U);
  at[1] = static_cast<std::byte>(value & 0xFFU);
}

inline void store_u32(std::byte* at, std::uint32_t value) {
  store_u16(at, static_cast<std::uint16_t>(value >> 16U));
  store_u16(at + 2, static_cast<std::uint16_t>(value & 0xFFFFU));
}

/// Lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(Bytes bytes);

}  // namespace base
