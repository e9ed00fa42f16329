// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace load {

/// What a process has used so far.
struct Usage {
  std::int64_t cpu_ns = 0;         ///< All its threads, user and system.
  std::int64_t waited_ns = 0;      ///< All its threads, ready to run while others had the core.
  std::uint64_t memory_bytes = 0;  ///< Resident set.
};

/// Reads the CPU time and the memory of a process.
class ProcessMeter {
 public:
  /// Failure when there is no such process.
  explicit ProcessMeter(int pid);

  /// Failure when the process has ended.
  [[nodiscard]] Usage read() const;

 private:
  int pid_;
  int clock_ = 0;
};

/// CPU time of this process.
[[nodiscard]] std::int64_t own_cpu_ns();

/// The second number of a thread's /proc/PID/task/TID/schedstat, its waiting time in nanoseconds;
/// nothing when it is not there.
[[nodiscard]] std::optional<std::int64_t> parse_waited_ns(std::string_view schedstat);

/// The VmRSS line of /proc/PID/status in bytes; nothing when there is none.
[[nodiscard]] std::optional<std::uint64_t> parse_resident_bytes(std::string_view status);

}  // namespace load
