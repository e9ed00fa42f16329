// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"

namespace base {

std::string to_hex(Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    out.push_back(kDigits[std::to_integer<std::size_t>(byte) >> 4U]);
    out.push_back(kDigits[std::to_integer<std::size_t>(byte) & 0xFU]);
  }
  return out;
}

}  // namespace base
