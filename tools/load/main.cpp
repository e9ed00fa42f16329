// SPDX-License-Identifier: Apache-2.0
#include "load/failure.hpp"
#include "load/jobs.hpp"

#include <iostream>

#include <sys/prctl.h>

namespace {

load::JobResult run(const load::Options& options) {
  switch (options.job) {
    case load::Job::AllocateCycles:
      return load::run_allocate_cycles(options);
    case load::Job::IdleAllocations:
      return load::run_idle_allocations(options);
    case load::Job::Sources:
      return load::run_sources(options);
    case load::Job::Relay:
      break;
  }
  return load::run_relay(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const load::CommandLine command_line = load::parse_command_line(argc, argv);
    if (!command_line.options) {
      return command_line.status;
    }
    // The kernel may be 50 us late by default; datagrams of a given rate are to leave at their
    // time.
    ::prctl(PR_SET_TIMERSLACK, 1);
    const load::JobResult result = run(*command_line.options);
    const bool is_json = command_line.options->output == load::Output::Json;
    std::cout << (is_json ? result.report.to_json() : result.report.to_table()) << std::flush;
    return result.is_sound ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "turnpike-load: " << error.what() << '\n';
    return 1;
  }
}
