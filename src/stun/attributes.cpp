// SPDX-License-Identifier: Apache-2.0
#include "stun/attributes.hpp"

#include "base/byte_reader.hpp"

#include <array>

namespace stun {

std::optional<base::TransportAddress> parse_xor_address(base::Bytes value,
                                                        const TransactionId& id) {
  base::ByteReader reader(value);
  static_cast<void>(reader.read_u8());  // RFC 8489 §14.1: ignored.
  const auto family = reader.read_u8();
  const auto port = reader.read_u16();
  if (!port) {
    return std::nullopt;
  }
  const std::size_t size = family == static_cast<std::uint8_t>(base::Family::IPv4)   ? 4U
                           : family == static_cast<std::uint8_t>(base::Family::IPv6) ? 16U
                                                                                     : 0U;
  if (size == 0 || reader.remaining() != size) {
    return std::nullopt;
  }
  // RFC 8489 §14.2: the port is masked by the cookie's upper half, the address by cookie and
  // transaction id.
  std::array<std::byte, 16> mask{};
  base::store_u32(mask.data(), kMagicCookie);
  base::copy_bytes(base::MutableBytes(mask).subspan(4), id);
  std::array<std::byte, 16> address{};
  base::copy_bytes(address, *reader.read(size));
  for (std::size_t i = 0; i < size; ++i) {
    address[i] ^= mask[i];
  }
  return base::TransportAddress{*base::IpAddress::from_bytes(base::Bytes(address).first(size)),
                                static_cast<std::uint16_t>(*port ^ (kMagicCookie >> 16U))};
}

std::optional<std::uint32_t> parse_u32(base::Bytes value) {
  if (value.size() != 4) {
    return std::nullopt;
  }
  return base::load_u32(value.data());
}

std::optional<std::uint16_t> parse_channel_number(base::Bytes value) {
  if (value.size() != 4) {
    return std::nullopt;
  }
  return base::load_u16(value.data());
}

std::optional<std::uint8_t> parse_family(base::Bytes value) {
  if (value.size() != 4) {
    return std::nullopt;
  }
  return std::to_integer<std::uint8_t>(value[0]);
}

std::optional<std::uint8_t> parse_protocol(base::Bytes value) {
  return parse_family(value);
}

std::optional<bool> parse_even_port(base::Bytes value) {
  if (value.size() != 1) {
    return std::nullopt;
  }
  return (std::to_integer<unsigned>(value[0]) & 0x80U) != 0;
}

std::optional<std::uint16_t> parse_password_algorithm(base::Bytes value) {
  if (value.size() != 4 || base::load_u16(value.data() + 2) != 0) {
    return std::nullopt;
  }
  return base::load_u16(value.data());
}

bool is_unknown_comprehension_required(AttributeType type) {
  if (static_cast<std::uint16_t>(type) >= 0x8000U) {
    return false;
  }
  switch (type) {
    case AttributeType::MappedAddress:
    case AttributeType::Username:
    case AttributeType::MessageIntegrity:
    case AttributeType::ErrorCode:
    case AttributeType::UnknownAttributes:
    case AttributeType::ChannelNumber:
    case AttributeType::Lifetime:
    case AttributeType::XorPeerAddress:
    case AttributeType::Data:
    case AttributeType::Realm:
    case AttributeType::Nonce:
    case AttributeType::XorRelayedAddress:
    case AttributeType::RequestedAddressFamily:
    case AttributeType::EvenPort:
    case AttributeType::RequestedTransport:
    case AttributeType::DontFragment:
    case AttributeType::MessageIntegritySha256:
    case AttributeType::PasswordAlgorithm:
    case AttributeType::Userhash:
    case AttributeType::XorMappedAddress:
    case AttributeType::ReservationToken:
      return false;
    default:
      return true;
  }
}

}  // namespace stun
