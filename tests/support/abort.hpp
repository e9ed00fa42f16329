// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace support {

/// Whether `act` ends its process by SIGABRT, tried in a forked child whose stderr is closed.
[[nodiscard]] bool aborts(const std::function<void()>& act);

}  // namespace support
