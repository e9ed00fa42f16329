// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/options.hpp"
#include "load/report.hpp"

namespace load {

/// What a job found out, and whether that is fit to show: false when data was misrouted or
/// corrupted, or none came.
struct JobResult {
  Report report;
  bool is_sound = true;
};

/// Relays data through `clients` allocations: Job::Relay.
[[nodiscard]] JobResult run_relay(const Options& options);
/// Allocates and releases in a loop: Job::AllocateCycles.
[[nodiscard]] JobResult run_allocate_cycles(const Options& options);
/// Makes allocations and lets them stand: Job::IdleAllocations.
[[nodiscard]] JobResult run_idle_allocations(const Options& options);
/// Asks from many addresses without credentials: Job::Sources.
[[nodiscard]] JobResult run_sources(const Options& options);

}  // namespace load
