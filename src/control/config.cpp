// SPDX-License-Identifier: Apache-2.0
#include "control/config.hpp"

#include "control/config_auth.hpp"
#include "control/config_environment.hpp"
#include "control/config_limits.hpp"
#include "control/config_walk.hpp"
#include "control/file_reader.hpp"

#include <algorithm>

namespace control {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

void check_listeners(ConfigDraft& draft) {
  const Config::Fixed& fixed = draft.config.fixed;
  if (fixed.listen_udp.empty() && fixed.listen_tcp.empty() && !draft.problems->has_errors()) {
    draft.problems->error(
        {},
        "`listen.udp` and `listen.tcp` are both empty, so nothing would be served: write such as "
        "udp = [\"0.0.0.0:3478\"] under [listen]");
  }
  for (const base::TransportAddress& address : fixed.listen_udp) {
    if (fixed.relay_ports.contains(address.port)) {
      draft.problems->warn(draft.relay_ports_place,
                           "`relay.ports` holds port " + std::to_string(address.port) +
                               " of `listen.udp`, which cannot be relayed from then");
    }
  }
}

void check_peers(ConfigDraft& draft) {
  const Config& config = draft.config;
  for (std::size_t i = 0; i < config.peers_allow.size(); ++i) {
    const base::Cidr& range = config.peers_allow[i];
    const auto holds = [&](const base::Cidr& deny) { return deny.contains(range); };
    const bool is_denied = std::any_of(config.peers_deny.begin(), config.peers_deny.end(), holds);
    draft.problems->warn(
        draft.peers_allow_places[i],
        is_denied ? "`peers.allow` has " + range.to_string() + ", which `peers.deny` closes again"
                  : "`peers.allow` opens " + range.to_string() +
                        ": whoever has a credential reaches what is there through this server");
  }
}

void check_whole(ConfigDraft& draft) {
  if (draft.realm_is_missing) {
    draft.problems->error(
        {},
        "`realm` is missing: write the domain of your users at the top of the file, such as realm "
        "= \"turn.example.org\"");
  }
  check_listeners(draft);
  check_peers(draft);
  if (draft.secrets.empty() && draft.users.empty()) {
    draft.problems->error(
        {},
        "there is neither a [[auth.secret]] nor a [[auth.user]], so nobody could authenticate: add "
        "one, such as [[auth.secret]] with id = \"1\" and file = \"/etc/turnpike/secrets/1\"");
  }
}

/// Whether a secret, password or key stands in the file itself.
bool holds_secrets(const ConfigDraft& draft) {
  const auto is_in_file = [](const std::optional<ConfigValue>& value) {
    return value && value->place().variable.empty();
  };
  return std::any_of(draft.secrets.begin(),
                     draft.secrets.end(),
                     [&](const auto& secret) { return is_in_file(secret.value); }) ||
         std::any_of(draft.users.begin(), draft.users.end(), [&](const auto& user) {
           return is_in_file(user.password) || is_in_file(user.key) || is_in_file(user.key_sha256);
         });
}

/// What the file system says beside the text.
enum class ConfigFileMode : std::uint8_t { Private, OpenToOthers };

LoadedConfig parse(std::string_view text,
                   const std::string& path,
                   const std::vector<std::string>& environment,
                   const std::string& credentials_directory,
                   ConfigFileMode mode) {
  auto root = parse_toml(text, path);
  if (!root) {
    return {std::nullopt, {std::move(root).error()}};
  }
  ConfigProblems problems(path);
  const ConfigNode& defaults = default_values();
  override_from_environment(environment, defaults, *root, problems);
  ConfigDraft draft(problems);
  draft.config.path = path;
  draft.realm_is_missing = root->find("realm") == nullptr;
  read_tree(*root, defaults, draft);
  finish_secrets(draft, {folder_of(path), credentials_directory});
  finish_users(draft);
  check_whole(draft);
  if (mode == ConfigFileMode::OpenToOthers && holds_secrets(draft)) {
    problems.warn(
        {},
        "holds secrets or passwords and can be read by every user of this host: chmod o= " + path);
  }
  LoadedConfig loaded;
  if (!problems.has_errors()) {
    loaded.config = std::move(draft.config);
  }
  loaded.problems = problems.take();
  return loaded;
}

}  // namespace

std::string ConfigProblem::to_string() const {
  std::string where = file.empty() ? "environment" : file;
  if (line != 0) {
    where += ":" + std::to_string(line) + ":" + std::to_string(column);
  }
  return where + (is_warning ? ": warning: " : ": error: ") + text;
}

LoadedConfig parse_config(std::string_view text,
                          const std::string& path,
                          const std::vector<std::string>& environment,
                          const std::string& credentials_directory) {
  return parse(text, path, environment, credentials_directory, ConfigFileMode::Private);
}

LoadedConfig load_config(const std::string& path,
                         const std::vector<std::string>& environment,
                         const std::string& credentials_directory) {
  const auto content = read_file(path, kConfigBytesMax);
  if (!content) {
    return {std::nullopt,
            {{path, 0, 0, false, content.error().text + ": name another file with --config FILE"}}};
  }
  return parse(content->text,
               path,
               environment,
               credentials_directory,
               content->is_open_to_others ? ConfigFileMode::OpenToOthers : ConfigFileMode::Private);
}

}  // namespace control
