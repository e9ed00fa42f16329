// SPDX-License-Identifier: Apache-2.0
#include "auth/credentials.hpp"
#include "cli/verbs.hpp"
#include "control/config.hpp"
#include "control/host.hpp"
#include "control/ice_urls.hpp"
#include "control/units.hpp"

#include <iomanip>
#include <ostream>
#include <sstream>

#include <nlohmann/json.hpp>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

/// A credential and where to use it.
struct Minted {
  std::string username;
  std::string password;
  base::WallTime expires;
  std::chrono::seconds ttl{0};
  std::vector<std::string> stun_urls;
  std::vector<std::string> turn_urls;
};

/// "2026-11-20T15:04:05Z".
std::string utc_text(base::WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::ostringstream text;
  text << std::setfill('0') << std::setw(4) << static_cast<int>(date.year()) << '-' << std::setw(2)
       << static_cast<unsigned>(date.month()) << '-' << std::setw(2)
       << static_cast<unsigned>(date.day()) << 'T' << std::setw(2) << clock.hours().count() << ':'
       << std::setw(2) << clock.minutes().count() << ':' << std::setw(2) << clock.seconds().count()
       << 'Z';
  return text.str();
}

Minted mint(const Credential& command,
            const Surroundings& surroundings,
            const control::Config& config) {
  Minted minted;
  minted.ttl = command.ttl;
  minted.expires = surroundings.now + command.ttl;
  minted.username = std::to_string(minted.expires.time_since_epoch().count()) + ":" + command.user;
  minted.password = auth::time_limited_password(config.secrets.front().value, minted.username);
  const auto relay = control::relay_addresses(config.fixed, surroundings.addresses);
  for (std::string& url :
       control::ice_urls(config, relay ? *relay : std::vector<turn::RelayAddress>())) {
    (url.starts_with("stun") ? minted.stun_urls : minted.turn_urls).push_back(std::move(url));
  }
  return minted;
}

/// One document for every kind of reader: the members of the TURN REST draft beside those of
/// RTCConfiguration.
Json to_json(const Minted& minted) {
  Json servers = Json::array();
  if (!minted.stun_urls.empty()) {
    servers.push_back({{"urls", minted.stun_urls}});
  }
  // Browsers throw on an entry without URLs.
  if (!minted.turn_urls.empty()) {
    servers.push_back({{"urls", minted.turn_urls},
                       {"username", minted.username},
                       {"credential", minted.password}});
  }
  return {{"username", minted.username},
          {"password", minted.password},
          {"ttl", minted.ttl.count()},
          {"uris", minted.turn_urls},
          {"iceServers", std::move(servers)},
          {"iceTransportPolicy", "all"},
          {"expires_at", utc_text(minted.expires)}};
}

void print_text(const Minted& minted, std::ostream& out) {
  out << "username: " << minted.username << "\npassword: " << minted.password
      << "\nexpires:  " << utc_text(minted.expires) << ", in " << control::time_text(minted.ttl)
      << '\n';
  for (const auto* urls : {&minted.stun_urls, &minted.turn_urls}) {
    for (const std::string& url : *urls) {
      out << "url:      " << url << '\n';
    }
  }
}

}  // namespace

int mint_credential(const Credential& command,
                    const Surroundings& surroundings,
                    std::ostream& out,
                    std::ostream& err) {
  const control::LoadedConfig loaded = control::load_config(
      command.config_path, surroundings.environment, surroundings.credentials_directory);
  if (!loaded.config) {
    for (const control::ConfigProblem& problem : loaded.problems) {
      err << problem.to_string() << '\n';
    }
    return kExitConfig;
  }
  if (loaded.config->secrets.empty()) {
    err << command.config_path
        << ": there is no [[auth.secret]] to mint with; a [[auth.user]] has a password of its "
           "own\n";
    return kExitFailed;
  }
  const Minted minted = mint(command, surroundings, *loaded.config);
  if (command.form == OutputForm::Json) {
    out << to_json(minted).dump(2) << '\n';
  } else {
    print_text(minted, out);
  }
  return kExitDone;
}

}  // namespace cli
