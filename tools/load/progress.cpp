// SPDX-License-Identifier: Apache-2.0
#include "load/progress.hpp"

#include <iostream>

#include <unistd.h>

namespace load {
namespace {

constexpr std::int64_t kInterval = 250'000'000;

}  // namespace

ProgressLine::ProgressLine(Progress progress)
    : is_shown_(progress == Progress::Shown && ::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (is_shown_ && next_at_ != 0) {
    std::cerr << "\r\x1b[K" << std::flush;
  }
}

void ProgressLine::show(std::int64_t now, const std::string& text) {
  next_at_ = now + kInterval;
  std::cerr << "\r\x1b[K" << text << std::flush;
}

}  // namespace load
