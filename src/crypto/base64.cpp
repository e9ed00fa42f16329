// SPDX-License-Identifier: Apache-2.0
#include "crypto/base64.hpp"

#include <algorithm>

#include <openssl/evp.h>

namespace crypto {
namespace {

bool is_of_alphabet(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

}  // namespace

std::string base64(base::Bytes bytes) {
  std::string out(((bytes.size() + 2) / 3) * 4 + 1, '\0');  // EVP_EncodeBlock ends with a NUL.
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::optional<std::vector<std::byte>> parse_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  // EVP_DecodeBlock skips white space and dashes at the ends and takes '=' anywhere as a zero.
  if (!std::all_of(
          text.begin(), text.end() - static_cast<std::ptrdiff_t>(padding), is_of_alphabet)) {
    return std::nullopt;
  }
  std::vector<std::byte> out(text.size() / 4 * 3);
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length < 0) {
    return std::nullopt;
  }
  out.resize(static_cast<std::size_t>(length) - padding);
  return out;
}

}  // namespace crypto
