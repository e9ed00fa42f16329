// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/options.hpp"

#include <string>

namespace load {

/// One line on standard error, rewritten at most a few times a second and erased at the end. Silent
/// when hidden or when standard error is no terminal.
class ProgressLine {
 public:
  explicit ProgressLine(Progress progress);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();

  [[nodiscard]] bool is_due(std::int64_t now) const { return is_shown_ && now >= next_at_; }

  void show(std::int64_t now, const std::string& text);

 private:
  bool is_shown_;
  std::int64_t next_at_ = 0;
};

}  // namespace load
