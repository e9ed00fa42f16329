// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace stun {

/// Value of FINGERPRINT for the bytes before it, whose length field already counts it: CRC-32 (ITU
/// V.42) XOR 0x5354554e. RFC 8489 §14.7.
[[nodiscard]] std::uint32_t fingerprint_of(base::Bytes before);

}  // namespace stun
