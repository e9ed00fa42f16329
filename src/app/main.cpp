// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "control/host.hpp"
#include "control/serve.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>

#include <unistd.h>

namespace {

std::vector<std::string> environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    entries.emplace_back(*entry);
  }
  return entries;
}

std::string credentials_directory() {
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  return directory != nullptr ? directory : "";
}

cli::Surroundings surroundings() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return {environment(), credentials_directory(), control::interface_addresses(), now};
}

/// Carries out one kind of command each; returns the exit code.
struct Dispatch {
  int operator()(const cli::Serve& command) const {
    return control::serve({command.config_path, environment(), credentials_directory()});
  }

  int operator()(const cli::CheckConfig& command) const {
    return cli::check_config(command, surroundings(), std::cout, std::cerr);
  }

  int operator()(const cli::Credential& command) const {
    return cli::mint_credential(command, surroundings(), std::cout, std::cerr);
  }

  int operator()(const cli::Information& information) const {
    std::cout << information.text;
    return cli::kExitDone;
  }

  int operator()(const cli::UsageError& error) const {
    std::cerr << "turnpike: " << error.text << '\n';
    return cli::kExitUsage;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const int exit_code =
      std::visit(Dispatch{}, cli::parse_options({argv + std::min(argc, 1), argv + argc}));
  // A full disk or a closed pipe must not look like success.
  std::cout.flush();
  return std::cout ? exit_code : std::max(exit_code, cli::kExitFailed);
}
