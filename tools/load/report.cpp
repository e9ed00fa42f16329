// SPDX-License-Identifier: Apache-2.0
#include "load/report.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include <nlohmann/json.hpp>

namespace load {
namespace {

constexpr int kValueWidth = 14;

std::string to_text(double value) {
  if (std::abs(value) >= 1000) {
    const std::string digits =
        with_separators(static_cast<std::uint64_t>(std::llround(std::abs(value))));
    return value < 0 ? "-" + digits : digits;
  }
  std::ostringstream text;
  text << std::fixed << std::setprecision(std::abs(value) < 10 ? 3 : 1) << value;
  return text.str();
}

struct Text {
  std::string operator()(const std::string& value) const { return value; }

  std::string operator()(std::uint64_t value) const { return with_separators(value); }

  std::string operator()(double value) const { return to_text(value); }
};

}  // namespace

std::string with_separators(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t end = digits.size(); end > 3;) {
    end -= 3;
    digits.insert(end, ",");
  }
  return digits;
}

void Report::add_text(const std::string& key, const std::string& label, const std::string& value) {
  fields_.push_back({key, label, value, ""});
}

void Report::add_count(const std::string& key, const std::string& label, std::uint64_t value) {
  fields_.push_back({key, label, value, ""});
}

void Report::add_number(const std::string& key,
                        const std::string& label,
                        double value,
                        const std::string& unit) {
  fields_.push_back({key, label, value, unit});
}

void Report::add_latency(const std::string& key,
                         const std::string& label,
                         const Histogram& histogram) {
  const auto add = [&](const char* json_name, const char* name, std::int64_t nanoseconds) {
    add_number(key + json_name, label + name, static_cast<double>(nanoseconds) / 1e3, "us");
  };
  add("_p50_us", " p50", histogram.percentile(50));
  add("_p90_us", " p90", histogram.percentile(90));
  add("_p99_us", " p99", histogram.percentile(99));
  add("_p999_us", " p99.9", histogram.percentile(99.9));
  add("_max_us", " max", histogram.max());
}

std::string Report::to_table() const {
  std::size_t width = 0;
  for (const Field& field : fields_) {
    width = std::max(width, field.label.size());
  }
  std::ostringstream table;
  for (const Field& field : fields_) {
    table << std::left << std::setw(static_cast<int>(width) + 2) << field.label << std::right
          << std::setw(kValueWidth) << std::visit(Text{}, field.value)
          << (field.unit.empty() ? "" : " ") << field.unit << '\n';
  }
  for (const std::string& note : notes_) {
    table << "Note: " << note << '\n';
  }
  return table.str();
}

std::string Report::to_json() const {
  nlohmann::ordered_json object;
  for (const Field& field : fields_) {
    std::visit([&](const auto& value) { object[field.key] = value; }, field.value);
  }
  object["notes"] = notes_;
  return object.dump(2) + "\n";
}

}  // namespace load
