// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config.hpp"
#include "control/config_value.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace control {

/// A configuration in the making: what single keys say. What needs several of them is judged once
/// all are read.
struct ConfigDraft {
  /// A [[auth.secret]] as written.
  struct Secret {
    ConfigPlace place;
    std::optional<ConfigValue> id;
    std::optional<ConfigValue> file;
    std::optional<ConfigValue> value;
  };

  /// A [[auth.user]] as written.
  struct User {
    ConfigPlace place;
    std::optional<ConfigValue> name;
    std::optional<ConfigValue> password;
    std::optional<ConfigValue> key;
    std::optional<ConfigValue> key_sha256;
  };

  explicit ConfigDraft(ConfigProblems& sink) : problems(&sink) {}

  Config config;
  ConfigProblems* problems;
  std::vector<Secret> secrets;
  std::vector<User> users;
  std::vector<ConfigPlace> peers_allow_places;  ///< One for each of config.peers_allow.
  ConfigPlace relay_ports_place;
  bool realm_is_missing = false;
};

/// What it takes for a changed value to count.
enum class KeyApplies : std::uint8_t {
  Reload,  ///< SIGHUP.
  Restart,
  Later,  ///< Accepted with its default only: this version does not serve what it is for.
};

/// A key of the configuration. The documentation names the same keys with the same defaults: a test
/// compares.
struct ConfigKey {
  std::string_view
      path;  ///< "limits.allocations"; of the elements of a list of tables, "auth.secret[].id".
  std::string_view otherwise;  ///< The default, in TOML. "" when there is none.
  KeyApplies applies;
  void (*read)(const ConfigValue& value, ConfigDraft& draft);  ///< nullptr for Later.
};

/// Every key.
[[nodiscard]] std::span<const ConfigKey> config_keys();

/// The key of this path; nullptr when there is none.
[[nodiscard]] const ConfigKey* find_config_key(std::string_view path);

/// Whether keys live below this path: "auth", "auth.secret[]".
[[nodiscard]] bool is_config_section(std::string_view path);

/// Lists of tables that this version does not serve: "ice.key". Any of them is an error.
[[nodiscard]] std::span<const std::string_view> later_config_sections();

}  // namespace control
