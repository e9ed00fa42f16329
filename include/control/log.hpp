// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace control {

/// One value of a log line. Keys are fixed words of ours; values may be anything and are escaped.
struct LogField {
  std::string_view key;
  std::string value;
};

struct LogRecord {
  std::chrono::system_clock::time_point time;
  LogLevel level = LogLevel::Info;
  std::string message;
  std::vector<LogField> fields;
};

/// One line of text without its end: time, level, message, key=value. Every byte outside 0x20 to
/// 0x7E is escaped, so that no name a client sends can forge a line or move a cursor.
[[nodiscard]] std::string to_text_line(const LogRecord& record);
/// The same as one JSON object.
[[nodiscard]] std::string to_json_line(const LogRecord& record);

/// The log of the process. write() may be called from any thread and never waits for the outside: a
/// thread of the log's own does, and what a stuck reader does not take is dropped beyond a limit,
/// counted, and told.
class Log {
 public:
  static constexpr std::size_t kQueueMax = 4096;

  Log(LogLevel level, LogFormat format);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  Log(Log&&) = delete;
  Log& operator=(Log&&) = delete;
  /// Writes what is queued.
  ~Log();

  [[nodiscard]] bool is_on(LogLevel level) const {
    return level >= level_.load(std::memory_order_relaxed);
  }

  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }

  void write(LogLevel level, std::string message, std::vector<LogField> fields = {});

  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void run();
  void emit(const LogRecord& record) const;

  std::atomic<LogLevel> level_;
  LogFormat format_;
  bool is_journald_;
  std::atomic<std::uint64_t> dropped_{0};
  std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<LogRecord> queue_;
  bool is_ending_ = false;
  std::thread thread_;
};

[[nodiscard]] std::string_view to_text(LogLevel level);

}  // namespace control
