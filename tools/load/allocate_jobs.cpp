// SPDX-License-Identifier: Apache-2.0
#include "load/failure.hpp"
#include "load/fleet.hpp"
#include "load/jobs.hpp"
#include "load/progress.hpp"
#include "load/stopwatch.hpp"

#include <algorithm>
#include <array>

namespace load {
namespace {

constexpr std::array kCycleSteps{Step::Allocate, Step::Release};
constexpr std::array kAllocateSteps{Step::Allocate};
constexpr std::int64_t kTurnTime = 100'000'000;

/// Every client allocates, releases and begins anew.
class Cycles {
 public:
  Cycles(const Options& options, Fleet& fleet)
      : options_(options), fleet_(fleet), started_at_(fleet.size()) {
    for (std::uint32_t i = 0; i < fleet.size(); ++i) {
      start(i, now());
    }
  }

  void begin_measurement() {
    is_measuring_ = true;
    count_ = 0;
  }

  void run_until(std::int64_t end) {
    ProgressLine progress(options_.progress);
    for (std::int64_t time = now(); time < end; time = now()) {
      fleet_.pump(std::min(end - time, kTurnTime));
      const std::int64_t arrived_at = now();
      for (const auto& completion : fleet_.transactions().take_completions()) {
        finish(completion, arrived_at);
      }
      if (progress.is_due(time)) {
        progress.show(time, "Allocating and releasing: " + with_separators(count_) + " cycles");
      }
    }
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }

  [[nodiscard]] const Histogram& latency() const { return latency_; }

 private:
  void start(std::uint32_t client, std::int64_t time) {
    if (options_.nonces == Nonces::Fresh) {
      fleet_.clients()[client].forget_nonce();
      fleet_.links().renew(client);
    }
    started_at_[client] = time;
    fleet_.transactions().start(client, kCycleSteps, time);
  }

  void finish(const Transactions::Completion& completion, std::int64_t time) {
    if (completion.failure) {
      throw Failure(*completion.failure);
    }
    ++count_;
    if (is_measuring_) {
      latency_.record(time - started_at_[completion.client]);
    }
    start(completion.client, time);
  }

  const Options& options_;
  Fleet& fleet_;
  std::vector<std::int64_t> started_at_;
  Histogram latency_;
  std::uint64_t count_ = 0;
  bool is_measuring_ = false;
};

}  // namespace

JobResult run_allocate_cycles(const Options& options) {
  const std::optional<ProcessMeter> server = meter_of(options);
  const std::uint64_t memory_before = memory_of(server);
  Fleet fleet(options, 0);
  Cycles cycles(options, fleet);
  cycles.run_until(now() + options.warmup);
  const std::uint64_t challenges_before = fleet.transactions().challenges();
  cycles.begin_measurement();
  Stopwatch stopwatch(server);
  cycles.run_until(now() + options.duration);
  stopwatch.stop();

  JobResult result;
  Report& report = result.report;
  report.add_text("server", "server", options.server.to_string());
  report.add_text("transport", "transport", std::string(base::to_text(options.transport)));
  report.add_text("nonces", "nonces", options.nonces == Nonces::Fresh ? "fresh" : "kept");
  report.add_count("clients", "clients at a time", options.clients);
  report.add_number("seconds", "measured", stopwatch.seconds(), "s");
  report.add_count("cycles", "cycles of Allocate and Refresh(0)", cycles.count());
  report.add_number("cycles_per_second",
                    "cycles a second",
                    static_cast<double>(cycles.count()) / stopwatch.seconds(),
                    "/s");
  report.add_count(
      "challenges", "challenges (401, 438)", fleet.transactions().challenges() - challenges_before);
  report.add_count("retransmissions", "retransmissions", fleet.transactions().retransmissions());
  report.add_count("moves", "other 5-tuples (437)", fleet.transactions().moves());
  report.add_latency("cycle", "cycle", cycles.latency());
  stopwatch.add_cpu_to(report, "cycle", cycles.count());
  if (server) {
    report.add_count("memory_before_bytes", "server memory before", memory_before);
    report.add_count("memory_after_bytes", "  after", memory_of(server));
  }
  result.is_sound = cycles.count() > 0;
  return result;
}

JobResult run_idle_allocations(const Options& options) {
  const std::optional<ProcessMeter> server = meter_of(options);
  Fleet fleet(options, 0);
  const std::uint64_t memory_before = memory_of(server);
  Stopwatch stopwatch(server);
  fleet.run_all(kAllocateSteps, "Allocating");
  stopwatch.stop();
  const std::uint64_t memory_after = memory_of(server);

  JobResult result;
  Report& report = result.report;
  report.add_text("server", "server", options.server.to_string());
  report.add_text("transport", "transport", std::string(base::to_text(options.transport)));
  report.add_count("clients", "allocations", options.clients);
  report.add_number("seconds", "time to make them", stopwatch.seconds(), "s");
  report.add_count("challenges", "challenges (401, 438)", fleet.transactions().challenges());
  report.add_count("retransmissions", "retransmissions", fleet.transactions().retransmissions());
  report.add_count("moves", "other 5-tuples (437)", fleet.transactions().moves());
  stopwatch.add_cpu_to(report, "allocation", options.clients);
  if (server) {
    const double grown = static_cast<double>(memory_after) - static_cast<double>(memory_before);
    report.add_count("memory_before_bytes", "server memory before", memory_before);
    report.add_count("memory_after_bytes", "  with all allocations", memory_after);
    report.add_number(
        "memory_bytes_per_allocation", "  per allocation", grown / options.clients, "bytes");
  }
  fleet.release();
  if (server) {
    report.add_count("memory_released_bytes", "  after their release", memory_of(server));
  }
  return result;
}

}  // namespace load
