// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config_keys.hpp"

// What each key that takes more than a line means. Named after the keys.

namespace control::readers {

void realm(const ConfigValue& value, ConfigDraft& draft);
void server_software(const ConfigValue& value, ConfigDraft& draft);
void listen_udp(const ConfigValue& value, ConfigDraft& draft);
void listen_tcp(const ConfigValue& value, ConfigDraft& draft);
void relay_addresses(const ConfigValue& value, ConfigDraft& draft);
void relay_external(const ConfigValue& value, ConfigDraft& draft);
void relay_ports(const ConfigValue& value, ConfigDraft& draft);
void peers_allow(const ConfigValue& value, ConfigDraft& draft);
void peers_deny(const ConfigValue& value, ConfigDraft& draft);
void auth_nonce_lifetime(const ConfigValue& value, ConfigDraft& draft);
void limits_lifetime_max(const ConfigValue& value, ConfigDraft& draft);
void ice_host(const ConfigValue& value, ConfigDraft& draft);
void ice_ttl(const ConfigValue& value, ConfigDraft& draft);
void ice_urls(const ConfigValue& value, ConfigDraft& draft);
void log_level(const ConfigValue& value, ConfigDraft& draft);
void log_format(const ConfigValue& value, ConfigDraft& draft);

}  // namespace control::readers
