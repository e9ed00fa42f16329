// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace base {

/// A number that does not mix with other numbers: `using ChannelNumber = Strong<struct
/// ChannelNumberTag, uint16_t>`.
template <typename Tag, typename T>
class Strong {
 public:
  constexpr Strong() = default;

  constexpr explicit Strong(T value) : value_(value) {}

  [[nodiscard]] constexpr T value() const { return value_; }

  friend constexpr bool operator==(const Strong&, const Strong&) = default;
  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

 private:
  T value_{};
};

}  // namespace base

template <typename Tag, typename T>
struct std::hash<base::Strong<Tag, T>> {
  std::size_t operator()(const base::Strong<Tag, T>& strong) const noexcept {
    return std::hash<T>{}(strong.value());
  }
};
