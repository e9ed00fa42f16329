// SPDX-License-Identifier: Apache-2.0
#include "load/jobs.hpp"
#include "load/progress.hpp"
#include "load/stopwatch.hpp"
#include "load/traffic.hpp"

#include <array>

namespace load {
namespace {

constexpr std::array kChannelSteps{Step::Allocate, Step::CreatePermission, Step::ChannelBind};
constexpr std::array kSendSteps{Step::Allocate, Step::CreatePermission};
constexpr std::int64_t kProgressInterval = 500'000'000;

void set_up(const Options& options, Fleet& fleet) {
  if (options.method == Method::Channel) {
    fleet.run_all(kChannelSteps, "Allocating, binding channels");
  } else {
    fleet.run_all(kSendSteps, "Allocating");
  }
}

/// Runs to `end`, telling how long it still takes.
void run_with_progress(const Options& options,
                       Traffic& traffic,
                       std::int64_t end,
                       const std::string& doing) {
  ProgressLine progress(options.progress);
  for (std::int64_t time = now(); time < end; time = now()) {
    if (progress.is_due(time)) {
      progress.show(time,
                    doing + ": " + std::to_string((end - time) / 1'000'000'000 + 1) + " s to go, " +
                        with_separators(traffic.tally().relayed) + " datagrams relayed");
    }
    traffic.run_until(std::min(end, time + kProgressInterval));
  }
}

void add_load(Report& report, const Options& options) {
  report.add_text("server", "server", options.server.to_string());
  report.add_text("transport", "transport", std::string(base::to_text(options.transport)));
  report.add_text("mode", "mode", to_text(options.mode));
  report.add_text("method", "method", to_text(options.method));
  report.add_count("clients", "clients", options.clients);
  report.add_count("size", "bytes a datagram", options.size);
  report.add_count("train", "datagrams a train", options.train);
  if (options.rate > 0) {
    report.add_number("rate", "wanted rate", options.rate, "/s");
  } else {
    report.add_count("in_flight", "in flight", options.in_flight);
  }
}

void add_counts(Report& report, const Traffic& traffic, std::uint64_t relayed, double seconds) {
  const Tally& tally = traffic.tally();
  const auto sent = static_cast<double>(traffic.measured_sent());
  report.add_number("seconds", "measured", seconds, "s");
  report.add_count("sent", "sent", traffic.measured_sent());
  report.add_number("sent_per_second", "sent a second", sent / seconds, "/s");
  report.add_count("relayed", "relayed, each direction", relayed);
  report.add_number(
      "relayed_per_second", "relayed a second", static_cast<double>(relayed) / seconds, "/s");
  report.add_count("lost", "lost", traffic.lost());
  report.add_number(
      "lost_percent", "lost", sent > 0 ? static_cast<double>(traffic.lost()) / sent * 100 : 0, "%");
  report.add_count("duplicated", "duplicated", tally.duplicated);
  report.add_count("misrouted", "misrouted", tally.misrouted);
  report.add_count("corrupted", "corrupted", tally.corrupted);
  report.add_count("stray", "stray", tally.stray);
}

void add_own_faults(Report& report, const Traffic& traffic, Fleet& fleet) {
  const std::uint64_t dropped = fleet.links().drops() + fleet.peers().drops();
  const std::uint64_t refused = fleet.links().refused() + fleet.peers().refused();
  report.add_count("tool_dropped", "dropped by this tool", dropped);
  report.add_count("tool_send_errors", "send errors of this tool", refused);
  report.add_count("tool_skipped", "not sent in time", traffic.tally().skipped);
  if (dropped > 0) {
    report.add_note("This tool's receive buffers overflowed: part of the loss is its own.");
  }
  if (traffic.tally().skipped > 0) {
    report.add_note("This tool could not keep the wanted rate.");
  }
}

}  // namespace

JobResult run_relay(const Options& options) {
  const std::optional<ProcessMeter> server = meter_of(options);
  const std::uint64_t memory_before = memory_of(server);
  Fleet fleet(options, options.peers == Peers::Shared ? 1 : options.clients);
  set_up(options, fleet);
  const std::uint64_t memory_allocated = memory_of(server);

  Traffic traffic(options, fleet);
  run_with_progress(options, traffic, now() + options.warmup, "Warming up");
  const std::uint64_t relayed_before = traffic.tally().relayed;
  traffic.begin_measurement();
  Stopwatch stopwatch(server);
  run_with_progress(options, traffic, now() + options.duration, "Measuring");
  stopwatch.stop();
  const std::uint64_t relayed = traffic.tally().relayed - relayed_before;
  traffic.drain();

  JobResult result;
  add_load(result.report, options);
  add_counts(result.report, traffic, relayed, stopwatch.seconds());
  add_own_faults(result.report, traffic, fleet);
  result.report.add_latency(
      "latency", options.mode == Mode::Echo ? "round trip" : "delay", traffic.latency());
  stopwatch.add_cpu_to(result.report, "packet", relayed);
  if (server) {
    result.report.add_count("memory_before_bytes", "server memory before", memory_before);
    result.report.add_count("memory_allocated_bytes", "  with all allocations", memory_allocated);
    result.report.add_count("memory_after_bytes", "  after the load", memory_of(server));
  }
  const Tally& tally = traffic.tally();
  if (relayed == 0) {
    result.report.add_note("Nothing was relayed.");
  }
  result.is_sound = relayed > 0 && tally.misrouted == 0 && tally.corrupted == 0;
  fleet.release();
  return result;
}

}  // namespace load
