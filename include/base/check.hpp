// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace base {

/// Prints what failed and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace base

/// Aborts, in release builds too, when our own logic is wrong. Never for what a packet, a file or
/// the kernel says.
#define CHECK(condition)                                  \
  (__builtin_expect(static_cast<bool>(condition), 1) != 0 \
       ? static_cast<void>(0)                             \
       : ::base::check_failed(#condition, __FILE__, __LINE__))
