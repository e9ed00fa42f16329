// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Lines of tests/vectors/`name` without comments (from '#' on), outer white space and empty lines.
/// A missing file aborts.
[[nodiscard]] std::vector<std::string> vector_lines(std::string_view name);

/// The same, cut at `separator`, each field without outer white space.
[[nodiscard]] std::vector<std::vector<std::string>> vector_table(std::string_view name,
                                                                 char separator);

/// The bytes of a file of hexadecimal lines.
[[nodiscard]] std::vector<std::byte> vector_bytes(std::string_view name);

/// The fields of `line` between `separator`, without outer white space.
[[nodiscard]] std::vector<std::string> split(std::string_view line, char separator);

}  // namespace support
