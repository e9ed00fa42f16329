// SPDX-License-Identifier: Apache-2.0
#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace base {

void check_failed(const char* condition, const char* file, int line) {
  // The logger may itself be what is broken.
  static_cast<void>(
      std::fprintf(stderr, "turnpike: CHECK failed: %s at %s:%d\n", condition, file, line));
  std::abort();
}

}  // namespace base
