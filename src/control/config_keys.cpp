// SPDX-License-Identifier: Apache-2.0
#include "control/config_keys.hpp"

#include "control/config_limits.hpp"
#include "control/config_readers.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace control {
namespace {

using Value = const ConfigValue&;
using Draft = ConfigDraft&;

constexpr std::int64_t kUnbounded = std::numeric_limits<std::uint32_t>::max();

void set_number(Value value, std::uint32_t& to, std::int64_t min, std::int64_t max) {
  if (const auto number = value.number(min, max)) {
    to = static_cast<std::uint32_t>(*number);
  }
}

void set_flag(Value value, bool& to) {
  to = value.flag().value_or(to);
}

// Order, section by section: that of etc/turnpike.toml.
constexpr std::array kKeys = {
    ConfigKey{"realm", "", KeyApplies::Reload, readers::realm},

    ConfigKey{"server.workers",
              "0",
              KeyApplies::Restart,
              [](Value value, Draft draft) {
                set_number(value, draft.config.fixed.workers, 0, kWorkersMax);
              }},
    ConfigKey{"server.software", R"("")", KeyApplies::Reload, readers::server_software},
    ConfigKey{"server.coalesce",
              R"("100us")",
              KeyApplies::Reload,
              [](Value value, Draft draft) {
                draft.config.coalesce = value.time(std::chrono::microseconds(0), kCoalesceMax)
                                            .value_or(draft.config.coalesce);
              }},

    ConfigKey{
        "listen.udp", R"(["0.0.0.0:3478", "[::]:3478"])", KeyApplies::Restart, readers::listen_udp},
    ConfigKey{
        "listen.tcp", R"(["0.0.0.0:3478", "[::]:3478"])", KeyApplies::Restart, readers::listen_tcp},
    ConfigKey{"listen.tls", "[]", KeyApplies::Later, nullptr},
    ConfigKey{"listen.dtls", "[]", KeyApplies::Later, nullptr},
    ConfigKey{"listen.http", "[]", KeyApplies::Later, nullptr},

    ConfigKey{
        "tls.certificate", R"("/etc/turnpike/tls/fullchain.pem")", KeyApplies::Later, nullptr},
    ConfigKey{"tls.key", R"("/etc/turnpike/tls/privkey.pem")", KeyApplies::Later, nullptr},

    ConfigKey{"relay.addresses", R"(["auto"])", KeyApplies::Restart, readers::relay_addresses},
    ConfigKey{"relay.external", "{}", KeyApplies::Restart, readers::relay_external},
    ConfigKey{"relay.ports", R"("49152-65535")", KeyApplies::Restart, readers::relay_ports},
    ConfigKey{"relay.tcp", "false", KeyApplies::Later, nullptr},

    ConfigKey{"stun.classic",
              "false",
              KeyApplies::Reload,
              [](Value value, Draft draft) { set_flag(value, draft.config.policy.classic_stun); }},
    ConfigKey{"stun.alternate_address", R"("")", KeyApplies::Later, nullptr},

    ConfigKey{"protocol.mobility", "false", KeyApplies::Later, nullptr},

    ConfigKey{"peers.allow", "[]", KeyApplies::Reload, readers::peers_allow},
    ConfigKey{"peers.deny", "[]", KeyApplies::Reload, readers::peers_deny},

    ConfigKey{"auth.nonce_lifetime", R"("1h")", KeyApplies::Reload, readers::auth_nonce_lifetime},
    ConfigKey{"auth.strict_expiry",
              "false",
              KeyApplies::Reload,
              [](Value value, Draft draft) { set_flag(value, draft.config.policy.strict_expiry); }},
    ConfigKey{"auth.secret[].id",
              "",
              KeyApplies::Reload,
              [](Value value, Draft draft) { draft.secrets.back().id = value; }},
    ConfigKey{"auth.secret[].file",
              "",
              KeyApplies::Reload,
              [](Value value, Draft draft) { draft.secrets.back().file = value; }},
    ConfigKey{"auth.secret[].value",
              "",
              KeyApplies::Reload,
              [](Value value, Draft draft) { draft.secrets.back().value = value; }},
    ConfigKey{"auth.user[].name",
              "",
              KeyApplies::Reload,
              [](Value value, Draft draft) { draft.users.back().name = value; }},
    ConfigKey{"auth.user[].password",
              "",
              KeyApplies::Reload,
              [](Value value, Draft draft) { draft.users.back().password = value; }},
    ConfigKey{"auth.user[].key",
              "",
              KeyApplies::Reload,
              [](Value value, Draft draft) { draft.users.back().key = value; }},
    ConfigKey{"auth.user[].key_sha256",
              "",
              KeyApplies::Reload,
              [](Value value, Draft draft) { draft.users.back().key_sha256 = value; }},
    ConfigKey{"auth.oauth.server_name", R"("")", KeyApplies::Later, nullptr},

    ConfigKey{"limits.allocations",
              "0",
              KeyApplies::Reload,
              [](Value value, Draft draft) {
                set_number(value, draft.config.policy.allocations, 0, kUnbounded);
              }},
    ConfigKey{"limits.allocations_per_user",
              "12",
              KeyApplies::Reload,
              [](Value value, Draft draft) {
                set_number(value, draft.config.policy.allocations_per_user, 0, kUnbounded);
              }},
    ConfigKey{"limits.permissions_per_allocation",
              "64",
              KeyApplies::Reload,
              [](Value value, Draft draft) {
                set_number(
                    value, draft.config.policy.permissions_per_allocation, 1, kPermissionsMax);
              }},
    ConfigKey{"limits.channels_per_allocation",
              "64",
              KeyApplies::Reload,
              [](Value value, Draft draft) {
                set_number(value, draft.config.policy.channels_per_allocation, 1, kChannelsMax);
              }},
    ConfigKey{"limits.lifetime_max", R"("1h")", KeyApplies::Reload, readers::limits_lifetime_max},
    ConfigKey{"limits.unauthenticated_per_second",
              "50",
              KeyApplies::Reload,
              [](Value value, Draft draft) {
                set_number(
                    value, draft.config.policy.unauthenticated_per_second, 0, kUnauthenticatedMax);
              }},

    ConfigKey{"quota.database", R"("/var/lib/turnpike/turnpike.db")", KeyApplies::Later, nullptr},
    ConfigKey{"quota.default_plan", R"("default")", KeyApplies::Later, nullptr},
    ConfigKey{"plan.default.bytes", R"("0")", KeyApplies::Later, nullptr},
    ConfigKey{"plan.default.period", R"("month")", KeyApplies::Later, nullptr},
    ConfigKey{"plan.default.up", R"("0")", KeyApplies::Later, nullptr},
    ConfigKey{"plan.default.down", R"("0")", KeyApplies::Later, nullptr},
    ConfigKey{"plan.default.allocations", "12", KeyApplies::Later, nullptr},
    ConfigKey{"plan.default.on_exceed", R"("refuse")", KeyApplies::Later, nullptr},

    ConfigKey{"ice.host", R"("")", KeyApplies::Reload, readers::ice_host},
    ConfigKey{"ice.ttl", R"("4h")", KeyApplies::Reload, readers::ice_ttl},
    ConfigKey{"ice.urls", "[]", KeyApplies::Reload, readers::ice_urls},

    ConfigKey{"http.cors_origins", "[]", KeyApplies::Later, nullptr},
    ConfigKey{"http.rate_limit", R"("100/min")", KeyApplies::Later, nullptr},
    ConfigKey{"http.trusted_proxies", "[]", KeyApplies::Later, nullptr},
    ConfigKey{"metrics.allow", R"(["127.0.0.0/8", "::1/128"])", KeyApplies::Later, nullptr},
    ConfigKey{"admin.socket", R"("/run/turnpike/admin.sock")", KeyApplies::Later, nullptr},

    ConfigKey{"log.level", R"("info")", KeyApplies::Reload, readers::log_level},
    ConfigKey{"log.format", R"("auto")", KeyApplies::Restart, readers::log_format},
};

constexpr std::array<std::string_view, 5> kLaterSections = {
    "auth.oauth.key", "ice.key", "sni", "webhook", "alternate"};

}  // namespace

std::span<const ConfigKey> config_keys() {
  return kKeys;
}

const ConfigKey* find_config_key(std::string_view path) {
  const auto* const found = std::find_if(
      kKeys.begin(), kKeys.end(), [&](const ConfigKey& key) { return key.path == path; });
  return found == kKeys.end() ? nullptr : &*found;
}

bool is_config_section(std::string_view path) {
  return std::any_of(kKeys.begin(), kKeys.end(), [&](const ConfigKey& key) {
    return key.path.size() > path.size() && key.path.starts_with(path) &&
           key.path[path.size()] == '.';
  });
}

std::span<const std::string_view> later_config_sections() {
  return kLaterSections;
}

}  // namespace control
