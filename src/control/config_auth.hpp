// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config_keys.hpp"

#include <string>

namespace control {

/// Where secrets are looked for.
struct SecretPlaces {
  std::string config_folder;          ///< Relative paths start here.
  std::string credentials_directory;  ///< systemd's; "" when there is none.
};

/// Turns the [[auth.secret]] as written into config.secrets: reads files, decodes, checks.
void finish_secrets(ConfigDraft& draft, const SecretPlaces& places);

/// Turns the [[auth.user]] as written into config.users: derives keys for the realm, checks.
void finish_users(ConfigDraft& draft);

}  // namespace control
