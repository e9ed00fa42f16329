// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crypto {

/// Standard alphabet with padding (RFC 4648 §4).
[[nodiscard]] std::string base64(base::Bytes bytes);

/// The bytes of standard base64 with its padding; nothing when the text is not that.
[[nodiscard]] std::optional<std::vector<std::byte>> parse_base64(std::string_view text);

}  // namespace crypto
