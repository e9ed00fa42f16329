// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/credentials.hpp"
#include "base/address.hpp"
#include "base/cidr.hpp"
#include "turn/policy.hpp"
#include "turn/relay_address.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace control {

/// How log lines look. Auto: journald fields when systemd runs us, else text.
enum class LogFormat : std::uint8_t { Auto, Text, Json };
enum class LogLevel : std::uint8_t { Trace, Debug, Info, Warn, Error };

/// One configuration, checked: every value in range, secrets read, names unique. Keys and defaults
/// are those of docs/man/turnpike.toml.5; what only a restart changes is in `Fixed`.
struct Config {
  /// What a reload cannot change.
  struct Fixed {
    unsigned workers = 0;  ///< 0: one a core.
    std::vector<base::TransportAddress> listen_udp;
    std::vector<base::TransportAddress> listen_tcp;
    bool relay_auto = true;                                     ///< [relay] addresses names "auto".
    std::vector<base::IpAddress> relay_addresses;               ///< Those named besides.
    std::map<base::IpAddress, base::IpAddress> relay_external;  ///< 1:1 NAT, local to external.
    turn::PortRange relay_ports;

    friend bool operator==(const Fixed&, const Fixed&) = default;
  };

  /// [ice]: what clients are told.
  struct Ice {
    std::string host;  ///< "": the first external address.
    std::chrono::seconds ttl{4 * 3600};
    std::vector<std::string> urls;  ///< Empty: made from the listeners.
  };

  std::string path;  ///< File it came from.
  std::string realm;
  Fixed fixed;
  std::chrono::microseconds coalesce{100};
  turn::Policy policy;
  std::vector<base::Cidr> peers_allow;
  std::vector<base::Cidr> peers_deny;
  std::vector<auth::SharedSecret> secrets;  ///< Newest first, as written.
  std::vector<auth::StaticUser> users;
  Ice ice;
  LogLevel log_level = LogLevel::Info;
  LogFormat log_format = LogFormat::Auto;
};

/// One thing wrong with a configuration, or worth a warning.
struct ConfigProblem {
  std::string file;   ///< "" when it comes from the environment.
  unsigned line = 0;  ///< From 1; 0: the file as a whole.
  unsigned column = 0;
  bool is_warning = false;
  std::string text;  ///< A sentence, with a suggestion where there is one.

  /// "FILE:LINE:COL: error: TEXT", as compilers print it.
  [[nodiscard]] std::string to_string() const;
};

/// Either a configuration, or everything that is wrong with it in one pass. Warnings come with
/// both.
struct LoadedConfig {
  std::optional<Config> config;
  std::vector<ConfigProblem> problems;
};

/// Reads the file, then TURNPIKE_SECTION__KEY overrides from `environment` ("NAME=value" each),
/// then secrets. `credentials_directory`: systemd's, may be empty.
[[nodiscard]] LoadedConfig load_config(const std::string& path,
                                       const std::vector<std::string>& environment,
                                       const std::string& credentials_directory);

/// The same from text; `path` is for messages.
[[nodiscard]] LoadedConfig parse_config(std::string_view text,
                                        const std::string& path,
                                        const std::vector<std::string>& environment,
                                        const std::string& credentials_directory);

}  // namespace control
