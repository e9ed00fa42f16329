// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace control {

// Exit codes of the program. 3, server not reachable, belongs to verbs that talk to a running
// server.

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
/// The configuration is wrong; systemd does not restart.
inline constexpr int kExitConfig = 78;

}  // namespace control
