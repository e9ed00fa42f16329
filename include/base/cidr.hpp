// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace base {

/// An address range, compared as masked bits. A single address is a range of its full length.
class Cidr {
 public:
  Cidr() = default;

  /// From "10.0.0.0/8", "2001:db8::/32" or a bare address. Bits behind the length must be zero.
  [[nodiscard]] static std::optional<Cidr> parse(std::string_view text);
  [[nodiscard]] static Cidr single(const IpAddress& ip);

  [[nodiscard]] unsigned prefix_bits() const { return prefix_bits_; }

  [[nodiscard]] bool contains(const IpAddress& ip) const;
  /// Whether every address of `other` is in this range.
  [[nodiscard]] bool contains(const Cidr& other) const;
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Cidr&, const Cidr&) = default;

 private:
  IpAddress first_;
  unsigned prefix_bits_ = 32;
};

}  // namespace base
