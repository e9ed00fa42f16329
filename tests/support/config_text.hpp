// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config.hpp"

#include <string>
#include <vector>

namespace support {

/// What every configuration needs, four lines that cause no warning, and `extra` from line 5 on.
[[nodiscard]] inline std::string config_with(const std::string& extra) {
  return "realm = \"example.org\"\n[[auth.secret]]\nid = \"a\"\nvalue = \"0123456789abcdef\"\n" +
         extra;
}

/// Problems of a text, a line each, as they are printed; its file is "f.toml".
[[nodiscard]] inline std::string problems_of(const std::string& text,
                                             const std::vector<std::string>& environment = {},
                                             const std::string& credentials_directory = "") {
  std::string lines;
  for (const auto& problem :
       control::parse_config(text, "f.toml", environment, credentials_directory).problems) {
    lines += problem.to_string() + "\n";
  }
  return lines;
}

/// The configuration that the text with `extra` gives; a failed check when there is none.
[[nodiscard]] control::Config loaded_with(const std::string& extra,
                                          const std::vector<std::string>& environment = {});

}  // namespace support

/// The text with these lines from line 5 on has this problem, and no other.
#define ONLY_PROBLEM(expected, extra)                     \
  CHECK_EQUAL(std::string("f.toml:") + (expected) + "\n", \
              support::problems_of(support::config_with(extra)))
