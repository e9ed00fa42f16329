// SPDX-License-Identifier: Apache-2.0
#include "support/vectors.hpp"

#include "base/check.hpp"
#include "support/hex.hpp"

#include <fstream>

namespace support {
namespace {

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

}  // namespace

std::vector<std::string> vector_lines(std::string_view name) {
  std::ifstream file(std::string(TURNPIKE_SOURCE_DIR "/tests/vectors/").append(name));
  CHECK(file.good());
  std::vector<std::string> lines;
  std::string line;
  while (std::getline(file, line)) {
    std::string text = trimmed(std::string_view(line).substr(0, line.find('#')));
    if (!text.empty()) {
      lines.push_back(std::move(text));
    }
  }
  return lines;
}

std::vector<std::string> split(std::string_view line, char separator) {
  std::vector<std::string> fields;
  while (true) {
    const std::size_t end = line.find(separator);
    fields.push_back(trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) {
      return fields;
    }
    line.remove_prefix(end + 1);
  }
}

std::vector<std::vector<std::string>> vector_table(std::string_view name, char separator) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : vector_lines(name)) {
    rows.push_back(split(line, separator));
  }
  return rows;
}

std::vector<std::byte> vector_bytes(std::string_view name) {
  std::string digits;
  for (const std::string& line : vector_lines(name)) {
    digits += line;
  }
  return from_hex(digits);
}

}  // namespace support
