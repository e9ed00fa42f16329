// SPDX-License-Identifier: Apache-2.0
#include "control/log.hpp"

#include "control/systemd.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace control {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string time_text(std::chrono::system_clock::time_point time) {
  const auto since_epoch = time.time_since_epoch();
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count() % 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 48> text{};
  const int length = std::snprintf(text.data(),
                                   text.size(),
                                   "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                                   parts.tm_year + 1900,
                                   parts.tm_mon + 1,
                                   parts.tm_mday,
                                   parts.tm_hour,
                                   parts.tm_min,
                                   parts.tm_sec,
                                   static_cast<int>(milliseconds));
  return {text.data(), static_cast<std::size_t>(length)};
}

bool is_printable(char c) {
  return c >= 0x20 && c <= 0x7E;
}

void append_hex(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out.push_back(kHexDigits[byte >> 4U]);
  out.push_back(kHexDigits[byte & 0xFU]);
}

void append_escaped(std::string& out, char c) {
  out += "\\x";
  append_hex(out, c);
}

/// A value as it stands behind key=: quoted when it holds a space, a quote, an equals sign or
/// something escaped.
std::string text_value(std::string_view value) {
  std::string out;
  bool needs_quotes = value.empty();
  for (const char c : value) {
    if (!is_printable(c)) {
      append_escaped(out, c);
      needs_quotes = true;
    } else {
      needs_quotes = needs_quotes || c == ' ' || c == '"' || c == '=' || c == '\\';
      if (c == '"' || c == '\\') {
        out.push_back('\\');
      }
      out.push_back(c);
    }
  }
  return needs_quotes ? "\"" + out + "\"" : out;
}

std::string json_string(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (is_printable(c)) {
      out.push_back(c);
    } else {
      // One escape a byte: what a client sent need not be UTF-8.
      out += "\\u00";
      append_hex(out, c);
    }
  }
  return out + "\"";
}

}  // namespace

std::string_view to_text(LogLevel level) {
  switch (level) {
    case LogLevel::Trace:
      return "trace";
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warn:
      return "warn";
    case LogLevel::Error:
      return "error";
  }
  return "?";
}

std::string to_text_line(const LogRecord& record) {
  std::string line = time_text(record.time);
  line += ' ';
  line += to_text(record.level);
  line.append(6 - to_text(record.level).size(), ' ');
  for (const char c : record.message) {
    // A sentence of ours; but the name of a file may stand in it.
    if (is_printable(c)) {
      line.push_back(c);
    } else {
      append_escaped(line, c);
    }
  }
  for (const LogField& field : record.fields) {
    line += ' ';
    line += field.key;
    line += '=';
    line += text_value(field.value);
  }
  return line;
}

std::string to_json_line(const LogRecord& record) {
  std::string line = "{\"time\":" + json_string(time_text(record.time)) +
                     ",\"level\":" + json_string(to_text(record.level)) +
                     ",\"message\":" + json_string(record.message);
  for (const LogField& field : record.fields) {
    line += ',';
    line += json_string(field.key);
    line += ':';
    line += json_string(field.value);
  }
  return line + "}";
}

Log::Log(LogLevel level, LogFormat format)
    : level_(level),
      format_(format),
      is_journald_(format == LogFormat::Auto && is_stderr_journald()),
      thread_([this] { run(); }) {}

Log::~Log() {
  {
    const std::scoped_lock lock(mutex_);
    is_ending_ = true;
  }
  has_work_.notify_one();
  thread_.join();
}

void Log::write(LogLevel level, std::string message, std::vector<LogField> fields) {
  if (!is_on(level)) {
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() >= kQueueMax) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    queue_.push_back(
        {std::chrono::system_clock::now(), level, std::move(message), std::move(fields)});
  }
  has_work_.notify_one();
}

void Log::run() {
  std::uint64_t told_dropped = 0;
  for (;;) {
    std::deque<LogRecord> taken;
    {
      std::unique_lock lock(mutex_);
      has_work_.wait(lock, [this] { return is_ending_ || !queue_.empty(); });
      taken.swap(queue_);
      if (taken.empty()) {
        return;
      }
    }
    for (const LogRecord& record : taken) {
      emit(record);
    }
    if (const std::uint64_t dropped = dropped_.load(std::memory_order_relaxed);
        dropped != told_dropped) {
      emit({std::chrono::system_clock::now(),
            LogLevel::Warn,
            "log lines were dropped, nobody read them fast enough",
            {{"count", std::to_string(dropped - told_dropped)}}});
      told_dropped = dropped;
    }
  }
}

void Log::emit(const LogRecord& record) const {
  if (is_journald_ && send_to_journal(record)) {
    return;
  }
  const std::string line =
      (format_ == LogFormat::Json ? to_json_line(record) : to_text_line(record)) + "\n";
  // Nothing can be done about a log that cannot be written.
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
}

}  // namespace control
