// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <initializer_list>

namespace crypto {

using Md5 = std::array<std::byte, 16>;
using Sha1 = std::array<std::byte, 20>;
using Sha256 = std::array<std::byte, 32>;

/// Digest of the parts, one after the other.
[[nodiscard]] Md5 md5(std::initializer_list<base::Bytes> parts);
[[nodiscard]] Sha1 sha1(std::initializer_list<base::Bytes> parts);
[[nodiscard]] Sha256 sha256(std::initializer_list<base::Bytes> parts);

/// HMAC (RFC 2104) of the parts, one after the other. Any key length.
[[nodiscard]] Sha1 hmac_sha1(base::Bytes key, std::initializer_list<base::Bytes> parts);
[[nodiscard]] Sha256 hmac_sha256(base::Bytes key, std::initializer_list<base::Bytes> parts);

}  // namespace crypto
