// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config_node.hpp"
#include "control/config_value.hpp"

#include <string>
#include <vector>

namespace control {

/// Puts the TURNPIKE_SECTION__KEY variables of the environment into the tree, in place of what the
/// file says. `defaults` holds every key by its path: how a variable is read depends on what kind
/// of value the key takes.
void override_from_environment(const std::vector<std::string>& environment,
                               const ConfigNode& defaults,
                               ConfigNode& root,
                               ConfigProblems& problems);

}  // namespace control
