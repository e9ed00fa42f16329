// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config.hpp"
#include "control/config_node.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace control {

/// Everything found wrong, or worth a warning, in one configuration.
class ConfigProblems {
 public:
  explicit ConfigProblems(std::string file) : file_(std::move(file)) {}

  void error(const ConfigPlace& place, std::string text);
  void warn(const ConfigPlace& place, std::string text);

  [[nodiscard]] bool has_errors() const { return has_errors_; }

  /// In the order of the file; then what concerns the file as a whole, then the environment.
  [[nodiscard]] std::vector<ConfigProblem> take();

 private:
  void add(const ConfigPlace& place, std::string text, bool is_warning);

  std::string file_;
  std::vector<ConfigProblem> problems_;
  bool has_errors_ = false;
};

/// One value of a configuration and the questions asked of it. An answer that is no fills in a
/// problem.
class ConfigValue {
 public:
  /// `name` is for messages: "limits.allocations".
  ConfigValue(std::string name, const ConfigNode& node, ConfigProblems& problems)
      : name_(std::move(name)), node_(&node), problems_(&problems) {}

  [[nodiscard]] const std::string& name() const { return name_; }

  [[nodiscard]] const ConfigPlace& place() const { return node_->place; }

  [[nodiscard]] bool is_text() const { return node_->kind == ConfigNode::Kind::Text; }

  [[nodiscard]] bool is_list() const { return node_->kind == ConfigNode::Kind::List; }

  /// The text follows the name of the key: "`limits.allocations` TEXT".
  void error(const std::string& text) const;
  void warn(const std::string& text) const;

  [[nodiscard]] std::optional<bool> flag() const;
  /// A whole number in [min, max].
  [[nodiscard]] std::optional<std::int64_t> number(std::int64_t min, std::int64_t max) const;
  [[nodiscard]] std::optional<std::string> text() const;
  /// The same for what must not show up in a message.
  [[nodiscard]] std::optional<std::string> secret_text() const;
  /// A text that is one of these: its index.
  [[nodiscard]] std::optional<std::size_t> choice(
      const std::vector<std::string_view>& choices) const;
  /// A time in [min, max].
  [[nodiscard]] std::optional<std::chrono::microseconds> time(std::chrono::microseconds min,
                                                              std::chrono::microseconds max) const;
  /// The elements of a list; none when it is not one.
  [[nodiscard]] std::vector<ConfigValue> list() const;
  /// The members of an inline table and their names.
  [[nodiscard]] std::vector<std::pair<std::string, ConfigValue>> table() const;

 private:
  void wrong_kind(const std::string& wanted, const std::string& example) const;

  std::string name_;
  const ConfigNode* node_;
  ConfigProblems* problems_;
};

/// "`TEXT`" for messages: cut when it is long, "(not printable)" when it could upset a terminal.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace control
