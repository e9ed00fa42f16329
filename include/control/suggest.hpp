// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace control {

/// Edits between two words: insert, drop, replace a letter, or swap two neighbours. Case does not
/// count.
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

/// The candidate that a mistyped word most likely means; nothing when none is near.
[[nodiscard]] std::optional<std::string_view> nearest(
    std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace control
