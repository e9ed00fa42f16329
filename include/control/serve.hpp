// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace control {

/// How the server was started.
struct ServeOptions {
  std::string config_path;
  std::vector<std::string> environment;  ///< "NAME=value" each.
  std::string credentials_directory;     ///< systemd's; may be empty.
};

/// Runs the server until SIGTERM or SIGINT. Returns the exit code: 0 stopped, 1 could not start, 78
/// configuration.
[[nodiscard]] int serve(const ServeOptions& options);

}  // namespace control
