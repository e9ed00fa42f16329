// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

namespace cli {

inline constexpr const char* kDefaultConfigPath = "/etc/turnpike/turnpike.toml";

/// Exit codes of every verb. 3, server not reachable, belongs to verbs that talk to a running
/// server.
using ExitCode = int;

inline constexpr ExitCode kExitDone = 0;
inline constexpr ExitCode kExitFailed = 1;
inline constexpr ExitCode kExitUsage = 2;
inline constexpr ExitCode kExitConfig = 78;

/// `turnpike serve`
struct Serve {
  std::string config_path;
};

/// Whether a verb prints for people or for scripts.
enum class OutputForm : std::uint8_t { Text, Json };

/// `turnpike check-config`
struct CheckConfig {
  std::string config_path;
  OutputForm form = OutputForm::Text;
};

/// `turnpike credential`
struct Credential {
  std::string config_path;
  std::string user;
  std::chrono::seconds ttl{3600};
  OutputForm form = OutputForm::Text;
};

/// `--help` and `--version`: what to print.
struct Information {
  std::string text;
};

/// What is wrong with the command line, in a sentence.
struct UsageError {
  std::string text;
};

using Command = std::variant<Serve, CheckConfig, Credential, Information, UsageError>;

/// Reads the arguments behind the name of the program. No option takes a secret: arguments show in
/// process lists.
[[nodiscard]] Command parse_options(const std::vector<std::string>& arguments);

}  // namespace cli
