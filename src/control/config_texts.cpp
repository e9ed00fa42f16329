// SPDX-License-Identifier: Apache-2.0
#include "control/config_limits.hpp"
#include "control/config_readers.hpp"
#include "control/text_rules.hpp"
#include "control/units.hpp"

#include <array>

// Keys of [server], [auth], [limits] and [log] that take more than a line, and the realm.

namespace control::readers {
namespace {

/// A time in whole seconds.
std::optional<std::chrono::seconds> read_seconds(const ConfigValue& value,
                                                 std::chrono::seconds min,
                                                 std::chrono::seconds max) {
  const auto time = value.time(min, max);
  if (!time) {
    return std::nullopt;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*time);
  if (seconds != *time) {
    value.error("must be whole seconds; this is " + time_text(*time));
    return std::nullopt;
  }
  return seconds;
}

}  // namespace

void realm(const ConfigValue& value, ConfigDraft& draft) {
  const auto text = value.text();
  if (!text) {
    return;
  }
  if (text->empty()) {
    value.error("is empty: write the domain of your users, such as \"turn.example.org\"");
  } else if (text->size() > kRealmBytesMax) {
    value.error("has " + std::to_string(text->size()) + " bytes, at most " +
                std::to_string(kRealmBytesMax) + ": it is part of every challenge");
  } else if (has_control_character(*text) || text->find_first_of("\"\\") != std::string::npos) {
    value.error(
        "must not hold quotes, backslashes or control characters: write a domain, such as "
        "\"turn.example.org\"");
  } else {
    if (text->size() > kRealmBytesLong) {
      value.warn("has " + std::to_string(text->size()) +
                 " bytes: a challenge over UDP and IPv4 has room for SHA-256 beside a realm of " +
                 std::to_string(kRealmBytesLong) +
                 ", and beyond 44 the shortest Allocate gets no answer there");
    }
    draft.config.realm = *text;
  }
}

void server_software(const ConfigValue& value, ConfigDraft& draft) {
  const auto text = value.text();
  if (!text) {
    return;
  }
  if (text->size() > kSoftwareBytesMax) {
    value.error("has " + std::to_string(text->size()) + " bytes, at most " +
                std::to_string(kSoftwareBytesMax));
  } else if (has_control_character(*text)) {
    value.error("must not hold control characters");
  } else {
    draft.config.policy.software = *text;
  }
}

void auth_nonce_lifetime(const ConfigValue& value, ConfigDraft& draft) {
  const auto lifetime = read_seconds(value, kNonceLifetimeMin, kNonceLifetimeMax);
  if (!lifetime) {
    return;
  }
  draft.config.policy.nonce_lifetime = *lifetime;
  if (*lifetime > kNonceLifetimeRecommended) {
    value.warn("is " + time_text(*lifetime) +
               "; RFC 8656 recommends a new nonce at least once an hour");
  }
}

void limits_lifetime_max(const ConfigValue& value, ConfigDraft& draft) {
  const auto lifetime = read_seconds(value, turn::kLifetimeDefault, kLifetimeLimit);
  if (!lifetime) {
    return;
  }
  draft.config.policy.lifetime_max = *lifetime;
  if (*lifetime > kLifetimeRecommended) {
    value.warn("is " + time_text(*lifetime) +
               "; RFC 8656 recommends at most 1h, as vanished clients hold their ports that long");
  }
}

void ice_ttl(const ConfigValue& value, ConfigDraft& draft) {
  draft.config.ice.ttl = read_seconds(value, kIceTtlMin, kIceTtlMax).value_or(draft.config.ice.ttl);
}

void log_level(const ConfigValue& value, ConfigDraft& draft) {
  static constexpr std::array kLevels = {
      LogLevel::Trace, LogLevel::Debug, LogLevel::Info, LogLevel::Warn, LogLevel::Error};
  if (const auto index = value.choice({"trace", "debug", "info", "warn", "error"})) {
    draft.config.log_level = kLevels.at(*index);
  }
}

void log_format(const ConfigValue& value, ConfigDraft& draft) {
  static constexpr std::array kFormats = {LogFormat::Auto, LogFormat::Text, LogFormat::Json};
  if (const auto index = value.choice({"auto", "text", "json"})) {
    draft.config.log_format = kFormats.at(*index);
  }
}

}  // namespace control::readers
