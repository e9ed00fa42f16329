// SPDX-License-Identifier: Apache-2.0
#include "base/cidr.hpp"

#include <algorithm>
#include <charconv>

namespace base {
namespace {

bool equal_prefix(Bytes left, Bytes right, unsigned bits) {
  const unsigned whole = bits / 8;
  if (!std::equal(left.begin(), left.begin() + whole, right.begin())) {
    return false;
  }
  const unsigned rest = bits % 8;
  if (rest == 0) {
    return true;
  }
  const auto mask = static_cast<std::byte>(0xFFU << (8 - rest));
  return (left[whole] & mask) == (right[whole] & mask);
}

bool is_zero_behind(Bytes bytes, unsigned bits) {
  for (unsigned bit = bits; bit < bytes.size() * 8; ++bit) {
    if ((bytes[bit / 8] & static_cast<std::byte>(0x80U >> (bit % 8))) != std::byte{0}) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto ip = IpAddress::parse(text.substr(0, slash));
  if (!ip) {
    return std::nullopt;
  }
  Cidr cidr = single(*ip);
  if (slash == std::string_view::npos) {
    return cidr;
  }
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size() || bits > cidr.prefix_bits_ ||
      !is_zero_behind(ip->bytes(), bits)) {
    return std::nullopt;
  }
  cidr.prefix_bits_ = bits;
  return cidr;
}

Cidr Cidr::single(const IpAddress& ip) {
  Cidr cidr;
  cidr.first_ = ip;
  cidr.prefix_bits_ = ip.is_ipv4() ? 32 : 128;
  return cidr;
}

bool Cidr::contains(const IpAddress& ip) const {
  return ip.family() == first_.family() && equal_prefix(ip.bytes(), first_.bytes(), prefix_bits_);
}

bool Cidr::contains(const Cidr& other) const {
  return other.prefix_bits_ >= prefix_bits_ && contains(other.first_);
}

std::string Cidr::to_string() const {
  return first_.to_string() + "/" + std::to_string(prefix_bits_);
}

}  // namespace base
