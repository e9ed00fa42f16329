// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stun/message_view.hpp"

#include <string>

namespace support {

/// One line that tells all of a message: "Allocate success relayed=… mapped=… lifetime=600
/// integrity=sha1". Integrity is checked with `key` and printed as WRONG when it does not hold; the
/// transaction id is not printed.
[[nodiscard]] std::string describe(base::Bytes message, base::Bytes key);

/// The method's name.
[[nodiscard]] std::string to_text(stun::Method method);

}  // namespace support
