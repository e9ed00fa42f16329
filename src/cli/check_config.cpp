// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs.hpp"
#include "control/config.hpp"
#include "control/host.hpp"

#include <ostream>

#include <nlohmann/json.hpp>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const control::ConfigProblem& problem) {
  Json json = {{"severity", problem.is_warning ? "warning" : "error"}};
  if (!problem.file.empty()) {
    json["file"] = problem.file;
  }
  if (problem.line != 0) {
    json["line"] = problem.line;
    json["column"] = problem.column;
  }
  json["message"] = problem.text;
  return json;
}

Json to_json(const CheckConfig& command, const control::LoadedConfig& loaded) {
  Json problems = Json::array();
  for (const control::ConfigProblem& problem : loaded.problems) {
    problems.push_back(to_json(problem));
  }
  return {{"file", command.config_path},
          {"ok", loaded.config.has_value()},
          {"problems", std::move(problems)}};
}

}  // namespace

int check_config(const CheckConfig& command,
                 const Surroundings& surroundings,
                 std::ostream& out,
                 std::ostream& err) {
  control::LoadedConfig loaded = control::load_config(
      command.config_path, surroundings.environment, surroundings.credentials_directory);
  if (loaded.config) {
    // A warning, since the file may be meant for another host.
    const auto relay = control::relay_addresses(loaded.config->fixed, surroundings.addresses);
    if (!relay) {
      loaded.problems.push_back({command.config_path,
                                 0,
                                 0,
                                 true,
                                 "on this host the server would not start: " + relay.error()});
    }
  }
  if (command.form == OutputForm::Json) {
    // File names need not be UTF-8.
    out << to_json(command, loaded).dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    for (const control::ConfigProblem& problem : loaded.problems) {
      err << problem.to_string() << '\n';
    }
    if (loaded.config) {
      out << command.config_path << ": OK\n";
    }
  }
  return loaded.config ? kExitDone : kExitConfig;
}

}  // namespace cli
