// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <string>
#include <string_view>
#include <type_traits>

#include <CppUTest/SimpleString.h>

namespace support {

template <typename T>
[[nodiscard]] std::string to_text(const T& value);

namespace detail {

template <typename T>
concept HasToString = requires(const T& value) {
  std::string(value.to_string());
};

template <typename T>
concept StrongNumber = requires(const T& value) {
  requires std::is_integral_v<decltype(value.value())>;
};

template <typename T>
concept Optional = requires(const T& value) {
  static_cast<bool>(value.has_value());
  *value;
};

template <typename T>
concept Range = requires(const T& value) {
  value.begin();
  value.end();
};

template <typename T>
concept Clocked = requires(const T& value) {
  value.time_since_epoch().count();
};

template <typename T>
[[nodiscard]] std::string text_of_range(const T& range) {
  std::string text = "[";
  for (const auto& element : range) {
    text += text.size() == 1 ? "" : ", ";
    text += to_text(element);
  }
  return text + "]";
}

}  // namespace detail

/// A value in words that a failing test can print: hex for bytes, numbers for enums, "nothing" for
/// an empty optional.
template <typename T>
std::string to_text(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return std::string(std::string_view(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, std::byte>) {
    return base::to_hex(base::Bytes(&value, 1));
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_arithmetic_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_convertible_v<const T&, base::Bytes>) {
    return base::to_hex(value);
  } else if constexpr (detail::HasToString<T>) {
    return value.to_string();
  } else if constexpr (detail::StrongNumber<T>) {
    return std::to_string(value.value());
  } else if constexpr (detail::Optional<T>) {
    return value.has_value() ? to_text(*value) : std::string("nothing");
  } else if constexpr (detail::Clocked<T>) {
    return std::to_string(value.time_since_epoch().count());
  } else {
    return detail::text_of_range(value);
  }
}

}  // namespace support

/// What CHECK_EQUAL prints for classes and enums of ours. CppUTest itself knows numbers and
/// std::string.
template <typename T>

requires((std::is_class_v<T> || std::is_enum_v<T>)&&!std::is_same_v<T, std::string> &&
         !std::is_same_v<T, SimpleString>) SimpleString StringFrom(const T& value) {
  return SimpleString(support::to_text(value).c_str());
}

/// Compares byte sequences of any kind and shows both in hex.
#define HEX_EQUAL(expected, actual) CHECK_EQUAL(base::to_hex(expected), base::to_hex(actual))
