// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "control/config_keys.hpp"
#include "control/config_node.hpp"

namespace control {

/// Every default as a flat table, by path: "limits.allocations".
[[nodiscard]] const ConfigNode& default_values();

/// Reads each key of the tree into the draft and reports what is no key; then reads the defaults of
/// keys that are not there.
void read_tree(const ConfigNode& root, const ConfigNode& defaults, ConfigDraft& draft);

}  // namespace control
