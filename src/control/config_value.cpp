// SPDX-License-Identifier: Apache-2.0
#include "control/config_value.hpp"

#include "control/suggest.hpp"
#include "control/text_rules.hpp"
#include "control/units.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <tuple>

namespace control {
namespace {

/// Values longer than this are cut in messages.
constexpr std::size_t kQuotedBytesMax = 80;

std::string in_words(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::Flag:
      return node.flag ? "true" : "false";
    case ConfigNode::Kind::Number:
      return "the number " + std::to_string(node.number);
    case ConfigNode::Kind::Text:
      return "the text " + quoted(node.text);
    case ConfigNode::Kind::List:
      return "a list";
    case ConfigNode::Kind::Table:
      return "a table";
    case ConfigNode::Kind::Other:
      return node.text;
  }
  return "something else";
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::string quoted(std::string_view text) {
  if (!is_utf8(text) || has_control_character(text)) {
    return "(not printable)";
  }
  std::size_t length = std::min(text.size(), kQuotedBytesMax);
  // Not in the middle of a character: its later bytes are 10xxxxxx.
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) {
    --length;
  }
  return "`" + std::string(text.substr(0, length)) + (length < text.size() ? "...`" : "`");
}

void ConfigProblems::add(const ConfigPlace& place, std::string text, bool is_warning) {
  has_errors_ = has_errors_ || !is_warning;
  if (place.variable.empty()) {
    problems_.push_back({file_, place.line, place.column, is_warning, std::move(text)});
  } else {
    problems_.push_back({"", 0, 0, is_warning, place.variable + ": " + text});
  }
}

void ConfigProblems::error(const ConfigPlace& place, std::string text) {
  add(place, std::move(text), false);
}

void ConfigProblems::warn(const ConfigPlace& place, std::string text) {
  add(place, std::move(text), true);
}

std::vector<ConfigProblem> ConfigProblems::take() {
  const auto rank = [](const ConfigProblem& problem) {
    const unsigned line = problem.line == 0 ? std::numeric_limits<unsigned>::max() : problem.line;
    return std::tuple(problem.file.empty(), line, problem.column);
  };
  std::stable_sort(problems_.begin(),
                   problems_.end(),
                   [&](const ConfigProblem& left, const ConfigProblem& right) {
                     return rank(left) < rank(right);
                   });
  return std::move(problems_);
}

void ConfigValue::error(const std::string& text) const {
  problems_->error(place(), "`" + name_ + "` " + text);
}

void ConfigValue::warn(const std::string& text) const {
  problems_->warn(place(), "`" + name_ + "` " + text);
}

void ConfigValue::wrong_kind(const std::string& wanted, const std::string& example) const {
  error("must be " + wanted + ", such as " + example + "; this is " + in_words(*node_));
}

std::optional<bool> ConfigValue::flag() const {
  if (node_->kind == ConfigNode::Kind::Flag) {
    return node_->flag;
  }
  if (is_text() && place().variable.empty() && (node_->text == "true" || node_->text == "false")) {
    error("must be true or false without quotes: write " + node_->text);
  } else {
    error("must be true or false; this is " + in_words(*node_));
  }
  return std::nullopt;
}

std::optional<std::int64_t> ConfigValue::number(std::int64_t min, std::int64_t max) const {
  if (node_->kind != ConfigNode::Kind::Number) {
    if (is_text() && place().variable.empty() && parse_number(node_->text)) {
      error("must be a number without quotes: write " + node_->text);
    } else {
      wrong_kind("a whole number", std::to_string(std::max<std::int64_t>(min, 1)));
    }
    return std::nullopt;
  }
  if (node_->number < min || node_->number > max) {
    error("must be between " + std::to_string(min) + " and " + std::to_string(max) + "; this is " +
          std::to_string(node_->number));
    return std::nullopt;
  }
  return node_->number;
}

std::optional<std::string> ConfigValue::text() const {
  if (!is_text()) {
    if (node_->kind == ConfigNode::Kind::Number) {
      error("must be a text in quotes: write \"" + std::to_string(node_->number) + "\"");
    } else {
      error("must be a text in quotes; this is " + in_words(*node_));
    }
    return std::nullopt;
  }
  if (!is_utf8(node_->text)) {
    error("must be UTF-8 text");
    return std::nullopt;
  }
  return node_->text;
}

std::optional<std::string> ConfigValue::secret_text() const {
  if (!is_text() || !is_utf8(node_->text)) {
    error(is_text() ? "must be UTF-8 text" : "must be a text in quotes");
    return std::nullopt;
  }
  return node_->text;
}

std::optional<std::size_t> ConfigValue::choice(const std::vector<std::string_view>& choices) const {
  const auto chosen = text();
  if (!chosen) {
    return std::nullopt;
  }
  const auto found = std::find(choices.begin(), choices.end(), *chosen);
  if (found != choices.end()) {
    return static_cast<std::size_t>(found - choices.begin());
  }
  std::string list;
  for (const std::string_view one : choices) {
    list += (list.empty() ? "" : ", ") + std::string(one);
  }
  const auto near = nearest(*chosen, choices);
  error("must be one of " + list + "; this is " + quoted(*chosen) +
        (near ? ": did you mean \"" + std::string(*near) + "\"?" : ""));
  return std::nullopt;
}

std::optional<std::chrono::microseconds> ConfigValue::time(std::chrono::microseconds min,
                                                           std::chrono::microseconds max) const {
  const bool is_number = node_->kind == ConfigNode::Kind::Number;
  const auto bare = is_number ? std::optional(node_->number) : parse_number(node_->text);
  const auto parsed =
      is_number && node_->number == 0 ? std::chrono::microseconds(0) : parse_time(node_->text);
  if (!is_number && !is_text()) {
    wrong_kind("a time", "\"10m\"");
    return std::nullopt;
  }
  if (!parsed && bare) {
    error("needs a unit: write \"" + std::to_string(*bare) + "s\" for seconds");
    return std::nullopt;
  }
  if (!parsed) {
    error(
        "is not a time: write a whole number and a unit (us, ms, s, m, h or d), such as \"90s\" or "
        "\"10m\"; this is " +
        in_words(*node_));
    return std::nullopt;
  }
  if (*parsed < min || *parsed > max) {
    error("must be between " + time_text(min) + " and " + time_text(max) + "; this is " +
          time_text(*parsed));
    return std::nullopt;
  }
  return parsed;
}

std::vector<ConfigValue> ConfigValue::list() const {
  if (node_->kind != ConfigNode::Kind::List) {
    if (is_text()) {
      error("must be a list: write [\"" + node_->text + "\"]");
    } else {
      error("must be a list in brackets; this is " + in_words(*node_));
    }
    return {};
  }
  std::vector<ConfigValue> values;
  for (const ConfigNode& member : node_->members) {
    values.emplace_back(name_, member, *problems_);
  }
  return values;
}

std::vector<std::pair<std::string, ConfigValue>> ConfigValue::table() const {
  if (node_->kind != ConfigNode::Kind::Table) {
    error(R"(must be a table in braces, such as { "10.0.0.5" = "203.0.113.5" }; this is )" +
          in_words(*node_));
    return {};
  }
  std::vector<std::pair<std::string, ConfigValue>> values;
  for (const ConfigNode& member : node_->members) {
    values.emplace_back(member.name, ConfigValue(name_, member, *problems_));
  }
  return values;
}

}  // namespace control
