// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/exit_code.hpp"

#include <chrono>
#include <string>
#include <variant>
#include <vector>

namespace cli {

inline constexpr const char* kDefaultConfigPath = "/etc/turnpike/turnpike.toml";

using control::kExitConfig;
using control::kExitDone;
using control::kExitFailed;
using control::kExitUsage;

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
