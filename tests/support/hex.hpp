// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace support {

/// Bytes of hexadecimal text; white space is skipped. Anything else aborts: the test is wrong then.
[[nodiscard]] std::vector<std::byte> from_hex(std::string_view text);

/// A copy of the bytes of a text.
[[nodiscard]] std::vector<std::byte> from_text(std::string_view text);

/// The parts, one after the other.
[[nodiscard]] std::vector<std::byte> concat(std::initializer_list<base::Bytes> parts);

/// `count` times the same byte.
[[nodiscard]] std::vector<std::byte> repeated(unsigned char value, std::size_t count);

}  // namespace support

/// "0001 0058"_hex
[[nodiscard]] inline std::vector<std::byte> operator""_hex(const char* text, std::size_t size) {
  return support::from_hex({text, size});
}
