// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

// What texts may hold that end up in attributes, logs and JSON.

namespace control {

/// Longest username that every client accepts: browsers refuse more, RFC 8489 §14.3 allows 508
/// bytes.
inline constexpr std::size_t kUsernameBytesMax = 508;

/// Whether the text is well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates.
[[nodiscard]] bool is_utf8(std::string_view text);

/// Whether the text holds a control character: C0, DEL or, in UTF-8, C1.
[[nodiscard]] bool has_control_character(std::string_view text);

}  // namespace control
