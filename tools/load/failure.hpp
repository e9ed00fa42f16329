// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace load {

/// Why the tool cannot go on, as a sentence for whoever runs it. Caught in main alone.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `what` and the words for errno.
[[nodiscard]] inline Failure system_failure(const std::string& what) {
  return Failure{what + ": " + std::generic_category().message(errno)};
}

}  // namespace load
