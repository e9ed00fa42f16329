// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace crypto {

/// Compares in a time that depends on the lengths alone. Different lengths are unequal.
[[nodiscard]] bool equal_in_constant_time(base::Bytes left, base::Bytes right);

}  // namespace crypto
