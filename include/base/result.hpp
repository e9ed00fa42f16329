// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <tl/expected.hpp>

namespace base {

/// A value or the reason why there is none. Becomes std::expected in one edit with C++23.
template <typename T, typename E>
using Result = tl::expected<T, E>;

/// Makes the failed side of a Result: `return base::failure(ParseError::Truncated);`
template <typename E>
[[nodiscard]] constexpr tl::unexpected<std::decay_t<E>> failure(E&& error) {
  return tl::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

}  // namespace base
