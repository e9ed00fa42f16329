// SPDX-License-Identifier: Apache-2.0
#include "support/hex.hpp"

#include "base/check.hpp"

#include <cctype>

namespace support {
namespace {

unsigned digit(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::size_t at =
      kDigits.find(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  CHECK(at != std::string_view::npos);
  return static_cast<unsigned>(at);
}

}  // namespace

std::vector<std::byte> from_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  unsigned high = 0;
  bool half = false;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      continue;
    }
    if (half) {
      bytes.push_back(static_cast<std::byte>((high << 4U) | digit(c)));
    } else {
      high = digit(c);
    }
    half = !half;
  }
  CHECK(!half);
  return bytes;
}

std::vector<std::byte> from_text(std::string_view text) {
  const base::Bytes bytes = base::bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> concat(std::initializer_list<base::Bytes> parts) {
  std::vector<std::byte> all;
  for (const base::Bytes part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

std::vector<std::byte> repeated(unsigned char value, std::size_t count) {
  return std::vector<std::byte>(count, static_cast<std::byte>(value));
}

}  // namespace support
