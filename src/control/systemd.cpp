// SPDX-License-Identifier: Apache-2.0
#include "control/systemd.hpp"

#include "control/log.hpp"

#include <cstdlib>
#include <ctime>
#include <vector>

#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#ifdef TURNPIKE_SYSTEMD
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#endif

namespace control {

#ifdef TURNPIKE_SYSTEMD

namespace {

int priority_of(LogLevel level) {
  switch (level) {
    case LogLevel::Trace:
    case LogLevel::Debug:
      return LOG_DEBUG;
    case LogLevel::Info:
      return LOG_INFO;
    case LogLevel::Warn:
      return LOG_WARNING;
    case LogLevel::Error:
      return LOG_ERR;
  }
  return LOG_INFO;
}

std::string journal_key(std::string_view key) {
  std::string name = "TURNPIKE_";
  for (const char c : key) {
    name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

}  // namespace

void notify_systemd(const std::string& state) {
  static_cast<void>(::sd_notify(0, state.c_str()));
}

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const long long microseconds =
      static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  notify_systemd("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

std::optional<std::chrono::microseconds> watchdog_period() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) <= 0) {
    return std::nullopt;
  }
  return std::chrono::microseconds(microseconds);
}

bool is_stderr_journald() {
  const char* const stream =
      std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe): before any thread.

  struct stat status {};

  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) {
    return false;
  }
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

bool send_to_journal(const LogRecord& record) {
  std::vector<std::string> parts;
  std::string message = record.message;
  for (const LogField& field : record.fields) {
    message += " ";
    message += field.key;
    message += "=";
    message += field.value;
  }
  parts.push_back("MESSAGE=" + message);
  parts.push_back("PRIORITY=" + std::to_string(priority_of(record.level)));
  parts.emplace_back("SYSLOG_IDENTIFIER=turnpike");
  for (const LogField& field : record.fields) {
    parts.push_back(journal_key(field.key) + "=" + field.value);
  }
  std::vector<iovec> iovs;
  iovs.reserve(parts.size());
  for (std::string& part : parts) {
    iovs.push_back({part.data(), part.size()});
  }
  return ::sd_journal_sendv(iovs.data(), static_cast<int>(iovs.size())) == 0;
}

#else

void notify_systemd(const std::string& /*state*/) {}

void notify_reloading() {}

std::optional<std::chrono::microseconds> watchdog_period() {
  return std::nullopt;
}

bool is_stderr_journald() {
  return false;
}

bool send_to_journal(const LogRecord& /*record*/) {
  return false;
}

#endif

}  // namespace control
