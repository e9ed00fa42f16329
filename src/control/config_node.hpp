// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "control/config.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace control {

/// Where something was written: in the file, or in an environment variable.
struct ConfigPlace {
  std::string variable;  ///< "" in the file.
  unsigned line = 0;     ///< From 1; 0: not in the file.
  unsigned column = 0;
};

/// A configuration as written, before anybody asks what it means.
struct ConfigNode {
  enum class Kind : std::uint8_t { Flag, Number, Text, List, Table, Other };

  std::string name;  ///< Key; "" in a list.
  ConfigPlace name_place;
  ConfigPlace place;  ///< Of the value.
  Kind kind = Kind::Table;
  bool flag = false;
  std::int64_t number = 0;
  std::string text;                 ///< Other: its kind in words, "a date".
  std::vector<ConfigNode> members;  ///< Of a list or table, as written.

  [[nodiscard]] const ConfigNode* find(std::string_view member) const;
};

/// Whether both say the same, wherever they are written and in whatever order.
[[nodiscard]] bool is_same_value(const ConfigNode& left, const ConfigNode& right);

/// Reads TOML. Stops at the first error of syntax, as nothing behind it can be trusted.
[[nodiscard]] base::Result<ConfigNode, ConfigProblem> parse_toml(std::string_view text,
                                                                 const std::string& path);

}  // namespace control
