// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/histogram.hpp"
#include "load/options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace load {

/// The result of a job: one list, printed as a table for people or as a JSON object for scripts.
class Report {
 public:
  /// `key` is the JSON name, unit last; `label` and `unit` are for the table.
  void add_text(const std::string& key, const std::string& label, const std::string& value);
  void add_count(const std::string& key, const std::string& label, std::uint64_t value);
  void add_number(const std::string& key,
                  const std::string& label,
                  double value,
                  const std::string& unit);
  /// p50 to max in microseconds. `key` and `label` come before each.
  void add_latency(const std::string& key, const std::string& label, const Histogram& histogram);

  /// Something the reader must know; JSON "notes".
  void add_note(const std::string& sentence) { notes_.push_back(sentence); }

  [[nodiscard]] std::string to_table() const;
  [[nodiscard]] std::string to_json() const;

 private:
  struct Field {
    std::string key;
    std::string label;
    std::variant<std::string, std::uint64_t, double> value;
    std::string unit;
  };

  std::vector<Field> fields_;
  std::vector<std::string> notes_;
};

/// 1234567 as "1,234,567".
[[nodiscard]] std::string with_separators(std::uint64_t value);

}  // namespace load
