// SPDX-License-Identifier: Apache-2.0
#include "load/process_meter.hpp"

#include "load/failure.hpp"

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace load {
namespace {

// The kernel's own limit. The clock of a number beyond it would be that of another process.
constexpr int kPidEnd = 1 << 22;

std::int64_t read_clock(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) {
    throw Failure("The measured process has ended");
  }
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

}  // namespace

ProcessMeter::ProcessMeter(int pid) : pid_(pid) {
  // The process's CPU clock counts nanoseconds over all its threads, ended ones too; /proc/PID/stat
  // counts ticks.
  if (pid >= kPidEnd || ::clock_getcpuclockid(pid, &clock_) != 0) {
    throw Failure("There is no process " + std::to_string(pid) + " to measure (--server-pid)");
  }
}

Usage ProcessMeter::read() const {
  const std::string process = "/proc/" + std::to_string(pid_);
  Usage usage;
  usage.cpu_ns = read_clock(clock_);
  usage.memory_bytes = parse_resident_bytes(content_of(process + "/status")).value_or(0);
  // A thread that ends meanwhile is no error.
  std::error_code error;
  for (const auto& thread : std::filesystem::directory_iterator(process + "/task", error)) {
    usage.waited_ns += parse_waited_ns(content_of(thread.path() / "schedstat")).value_or(0);
  }
  return usage;
}

std::int64_t own_cpu_ns() {
  return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

std::optional<std::int64_t> parse_waited_ns(std::string_view schedstat) {
  const std::size_t space = schedstat.find(' ');
  return space == std::string_view::npos ? std::nullopt
                                         : parse_number<std::int64_t>(schedstat.substr(space + 1));
}

std::optional<std::uint64_t> parse_resident_bytes(std::string_view status) {
  static constexpr std::string_view kName = "VmRSS:";
  const std::size_t found = status.find(kName);
  if (found == std::string_view::npos) {
    return std::nullopt;
  }
  status.remove_prefix(found + kName.size());
  status.remove_prefix(std::min(status.find_first_not_of(" \t"), status.size()));
  const auto kibibytes = parse_number<std::uint64_t>(status);
  return kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
}

}  // namespace load
