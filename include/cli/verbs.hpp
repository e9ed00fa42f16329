// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/clock.hpp"
#include "cli/options.hpp"

#include <iosfwd>
#include <string>
#include <vector>

// The verbs that need no running server. Each prints to the streams and returns its exit code.

namespace cli {

/// What the verbs learn from the process and the host.
struct Surroundings {
  std::vector<std::string> environment;    ///< "NAME=value" each.
  std::string credentials_directory;       ///< systemd's; may be empty.
  std::vector<base::IpAddress> addresses;  ///< Of this host's interfaces.
  base::WallTime now;
};

/// Prints every problem of the file to `err` and, when none is an error, "FILE: OK" to `out`; with
/// JSON one document to `out`. kExitDone or kExitConfig.
[[nodiscard]] int check_config(const CheckConfig& command,
                               const Surroundings& surroundings,
                               std::ostream& out,
                               std::ostream& err);

/// Mints a time-limited credential with the newest secret. kExitDone, kExitConfig, or kExitFailed
/// when there is no shared secret.
[[nodiscard]] int mint_credential(const Credential& command,
                                  const Surroundings& surroundings,
                                  std::ostream& out,
                                  std::ostream& err);

}  // namespace cli
