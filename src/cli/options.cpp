// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include "control/suggest.hpp"
#include "control/text_rules.hpp"
#include "control/units.hpp"

#include <algorithm>
#include <optional>

#include <CLI/CLI.hpp>

namespace cli {
namespace {

/// Seconds to 2286: what digits an expiry takes in a username, and the colon.
constexpr std::size_t kExpiryBytesMax = 11;
/// The server takes no expiry further ahead: auth::parse_time_limited.
constexpr std::chrono::hours kTtlMax{24 * 3650};

constexpr const char* kDescription =
    "turnpike relays real-time media between peers that cannot reach each other: a STUN and TURN "
    "server.";
constexpr const char* kFooter =
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 78 wrong configuration.\n"
    "More: man turnpike, man turnpike.toml. `turnpike VERB --help` tells about one verb.";
constexpr const char* kServeFooter =
    "SIGHUP checks the file anew and applies it whole, or keeps the old one. SIGTERM stops.";
constexpr const char* kCheckFooter =
    "Prints FILE:LINE:COLUMN: and what to write instead, for every error at once. Nothing is "
    "started.\n"
    "Exit codes: 0 no errors (there may be warnings), 78 errors.";
constexpr const char* kCredentialFooter =
    "The password is base64(HMAC-SHA1(secret, username)), the username EXPIRY:USER, as SFUs make "
    "them.\n"
    "Example: turnpike credential alice --ttl 12h --json";

/// What the options are read into.
struct Parsed {
  std::string config_path = kDefaultConfigPath;
  std::string user;
  std::string ttl = "1h";
  bool json = false;
};

void add_config(CLI::App& verb, Parsed& parsed) {
  verb.add_option("--config,-c",
                  parsed.config_path,
                  "The configuration; default " + std::string(kDefaultConfigPath))
      ->type_name("FILE");
}

void add_json(CLI::App& verb, Parsed& parsed) {
  verb.add_flag("--json", parsed.json, "Print JSON, for scripts");
}

CLI::App* add_verb(CLI::App& app, const char* name, const char* does, const char* footer) {
  return app.add_subcommand(name, does)->group("Verbs")->footer(footer);
}

void add_verbs(CLI::App& app, Parsed& parsed) {
  CLI::App* serve = add_verb(app, "serve", "Run the server in the foreground", kServeFooter);
  add_config(*serve, parsed);

  CLI::App* check = add_verb(
      app, "check-config", "Say everything that is wrong with a configuration", kCheckFooter);
  add_config(*check, parsed);
  add_json(*check, parsed);

  CLI::App* credential = add_verb(app,
                                  "credential",
                                  "Mint a time-limited credential with the newest secret",
                                  kCredentialFooter);
  credential->add_option("USER", parsed.user, "For whom: a name for logs and limits")
      ->required()
      ->type_name("");
  credential->add_option("--ttl", parsed.ttl, "How long it is good: 90s, 10m, 12h, 30d; default 1h")
      ->type_name("TIME");
  add_config(*credential, parsed);
  add_json(*credential, parsed);
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  return names;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list += (list.empty() ? "" : ", ") + name;
  }
  return list;
}

/// What is wrong when there is no verb, or none of ours, in front; nothing otherwise.
std::optional<UsageError> wrong_verb(const CLI::App& app,
                                     const std::vector<std::string>& arguments) {
  const std::vector<std::string> verbs = verbs_of(app);
  if (arguments.empty()) {
    return UsageError{"a verb is missing: one of " + list_of(verbs) + ". See turnpike --help"};
  }
  const std::string& verb = arguments.front();
  if (verb.starts_with('-') || std::find(verbs.begin(), verbs.end(), verb) != verbs.end()) {
    return std::nullopt;
  }
  const auto near = control::nearest(verb, {verbs.begin(), verbs.end()});
  return UsageError{near
                        ? "there is no such verb: did you mean turnpike " + std::string(*near) + "?"
                        : "there is no such verb: the verbs are " + list_of(verbs)};
}

/// What CLI11 says, and where to read on.
UsageError usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto verbs = app.get_subcommands();
  const std::string verb = verbs.empty() ? "" : verbs.front()->get_name() + " ";
  return UsageError{std::string(error.what()) + ". See turnpike " + verb + "--help"};
}

Command to_credential(const Parsed& parsed) {
  if (parsed.user.empty() || !control::is_utf8(parsed.user) ||
      control::has_control_character(parsed.user)) {
    return UsageError{"USER must be a name in UTF-8 without control characters"};
  }
  if (parsed.user.size() + kExpiryBytesMax > control::kUsernameBytesMax) {
    return UsageError{"USER has " + std::to_string(parsed.user.size()) + " bytes, at most " +
                      std::to_string(control::kUsernameBytesMax - kExpiryBytesMax)};
  }
  const auto ttl = control::parse_time(parsed.ttl);
  if (!ttl) {
    return UsageError{"--ttl must be a whole number and a unit (s, m, h or d), such as 90s or 12h"};
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*ttl);
  if (seconds != *ttl || seconds < std::chrono::seconds(1) || seconds > kTtlMax) {
    return UsageError{"--ttl must be between 1s and " + control::time_text(kTtlMax) +
                      ", in whole seconds"};
  }
  return Credential{
      parsed.config_path, parsed.user, seconds, parsed.json ? OutputForm::Json : OutputForm::Text};
}

Command to_command(const CLI::App& app, const Parsed& parsed) {
  if (parsed.config_path.empty()) {
    return UsageError{"--config must name a file"};
  }
  if (app.got_subcommand("serve")) {
    return Serve{parsed.config_path};
  }
  if (app.got_subcommand("check-config")) {
    return CheckConfig{parsed.config_path, parsed.json ? OutputForm::Json : OutputForm::Text};
  }
  return to_credential(parsed);
}

}  // namespace

Command parse_options(const std::vector<std::string>& arguments) {
  Parsed parsed;
  CLI::App app(kDescription, "turnpike");
  app.footer(kFooter);
  app.set_help_flag("--help,-h", "Print this help");
  app.set_version_flag("--version", "turnpike " TURNPIKE_VERSION, "Print the version");
  app.require_subcommand(1);
  app.get_formatter()->column_width(28);
  app.get_formatter()->label("Positionals", "Arguments");
  app.get_formatter()->label("SUBCOMMAND", "VERB");
  app.get_formatter()->label("REQUIRED", "");
  add_verbs(app, parsed);
  if (auto wrong = wrong_verb(app, arguments)) {
    return *std::move(wrong);
  }
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForVersion& call) {
    return Information{std::string(call.what()) + "\n"};
  } catch (const CLI::CallForHelp&) {
    return Information{app.help()};
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  }
  return to_command(app, parsed);
}

}  // namespace cli
