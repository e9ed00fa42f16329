// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/poller.hpp"
#include "load/process_meter.hpp"
#include "load/report.hpp"

#include <optional>

namespace load {

/// Time and CPU used over a stretch of time, by the server when its process is known, and by the
/// tool itself.
class Stopwatch {
 public:
  explicit Stopwatch(const std::optional<ProcessMeter>& server) : server_(server) { start(); }

  void start() {
    started_ = read();
    stopped_ = started_;
  }

  void stop() { stopped_ = read(); }

  [[nodiscard]] double seconds() const {
    return static_cast<double>(stopped_.at - started_.at) / 1e9;
  }

  /// CPU microseconds of the server; nothing when its process is not known.
  [[nodiscard]] std::optional<double> server_cpu_us() const {
    return server_ ? std::optional(
                         static_cast<double>(stopped_.server.cpu_ns - started_.server.cpu_ns) / 1e3)
                   : std::nullopt;
  }

  /// Adds the server's CPU: whole, and per `unit` ("packet") of which there were `count`; and the
  /// tool's own.
  void add_cpu_to(Report& report, const std::string& unit, std::uint64_t count) const {
    if (const auto cpu = server_cpu_us()) {
      report.add_number("server_cpu_percent", "server CPU", *cpu / seconds() / 1e4, "% of a core");
      const auto waited =
          static_cast<double>(stopped_.server.waited_ns - started_.server.waited_ns);
      report.add_number("server_waited_percent",
                        "server kept waiting",
                        waited / seconds() / 1e7,
                        "% of the time");
      if (count > 0) {
        report.add_number("cpu_us_per_" + unit,
                          "server CPU per " + unit,
                          *cpu / static_cast<double>(count),
                          "us");
      }
    }
    const double own = static_cast<double>(stopped_.own_cpu_ns - started_.own_cpu_ns) / 1e9;
    report.add_number("tool_cpu_percent", "this tool's CPU", own / seconds() * 100, "% of a core");
  }

 private:
  struct Reading {
    std::int64_t at = 0;
    std::int64_t own_cpu_ns = 0;
    Usage server;
  };

  [[nodiscard]] Reading read() const {
    return {now(), own_cpu_ns(), server_ ? server_->read() : Usage{}};
  }

  const std::optional<ProcessMeter>& server_;
  Reading started_;
  Reading stopped_;
};

/// The measured process, when one is named.
[[nodiscard]] inline std::optional<ProcessMeter> meter_of(const Options& options) {
  return options.server_pid ? std::optional<ProcessMeter>(*options.server_pid) : std::nullopt;
}

/// Resident memory; 0 when no process is named.
[[nodiscard]] inline std::uint64_t memory_of(const std::optional<ProcessMeter>& server) {
  return server ? server->read().memory_bytes : 0;
}

}  // namespace load
