// SPDX-License-Identifier: Apache-2.0
#include "support/raw_message.hpp"

#include "crypto/digest.hpp"
#include "support/hex.hpp"

#include <algorithm>

namespace support {
namespace {

/// CRC-32 bit by bit (ITU V.42), the slow way on purpose: it shares nothing with the table in
/// stun/fingerprint.cpp.
std::uint32_t crc32(base::Bytes bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const std::byte byte : bytes) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const std::uint32_t input = (std::to_integer<std::uint32_t>(byte) >> bit) & 1U;
      const bool carry = ((crc ^ input) & 1U) != 0;
      crc = (crc >> 1U) ^ (carry ? 0xEDB88320U : 0U);
    }
  }
  return ~crc;
}

}  // namespace

RawMessage::RawMessage(stun::MessageClass message_class,
                       stun::Method method,
                       const stun::TransactionId& id)
    : bytes_(stun::kHeaderSize) {
  // RFC 8489 §5, bit by bit: M11..M7 C1 M6..M4 C0 M3..M0.
  constexpr std::array<unsigned, 12> kMethodBit = {0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 12, 13};
  unsigned type = 0;
  for (unsigned bit = 0; bit < kMethodBit.size(); ++bit) {
    type |= ((static_cast<unsigned>(method) >> bit) & 1U) << kMethodBit[bit];
  }
  type |= (static_cast<unsigned>(message_class) & 1U) << 4U;
  type |= ((static_cast<unsigned>(message_class) >> 1U) & 1U) << 8U;
  base::store_u16(bytes_.data(), static_cast<std::uint16_t>(type));
  base::store_u32(bytes_.data() + 4, stun::kMagicCookie);
  std::copy(id.begin(), id.end(), bytes_.begin() + 8);
}

void RawMessage::store_true_length(std::size_t extra) {
  base::store_u16(bytes_.data() + 2,
                  static_cast<std::uint16_t>(bytes_.size() - stun::kHeaderSize + extra));
}

RawMessage& RawMessage::add(stun::AttributeType type, base::Bytes value) {
  std::vector<std::byte> whole(value.begin(), value.end());
  while (whole.size() % 4 != 0) {
    whole.push_back(padding_);
  }
  return add_unpadded(type, static_cast<std::uint16_t>(value.size()), whole);
}

RawMessage& RawMessage::add(stun::AttributeType type, std::string_view text) {
  return add(type, base::bytes_of(text));
}

RawMessage& RawMessage::add_u8(stun::AttributeType type, std::uint8_t value) {
  return add(type, base::Bytes(std::array{std::byte{value}}));
}

RawMessage& RawMessage::add_leading_u8(stun::AttributeType type, std::uint8_t value) {
  return add_u32(type, static_cast<std::uint32_t>(value) << 24U);
}

RawMessage& RawMessage::add_leading_u16(stun::AttributeType type, std::uint16_t value) {
  return add_u32(type, static_cast<std::uint32_t>(value) << 16U);
}

RawMessage& RawMessage::add_u32(stun::AttributeType type, std::uint32_t value) {
  std::array<std::byte, 4> raw{};
  base::store_u32(raw.data(), value);
  return add(type, raw);
}

RawMessage& RawMessage::add_xor_address(stun::AttributeType type,
                                        const base::TransportAddress& address) {
  std::vector<std::byte> value(4);
  value[1] = static_cast<std::byte>(address.ip.family());
  base::store_u16(value.data() + 2, static_cast<std::uint16_t>(address.port ^ 0x2112U));
  std::size_t at =
      4;  // The mask starts at the header's cookie and goes on into the transaction id.
  for (const std::byte byte : address.ip.bytes()) {
    value.push_back(byte ^ bytes_[at++]);
  }
  return add(type, value);
}

RawMessage& RawMessage::add_unpadded(stun::AttributeType type,
                                     std::uint16_t length,
                                     base::Bytes value) {
  std::array<std::byte, 4> header{};
  base::store_u16(header.data(), static_cast<std::uint16_t>(type));
  base::store_u16(header.data() + 2, length);
  bytes_.insert(bytes_.end(), header.begin(), header.end());
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  store_true_length(0);
  return *this;
}

RawMessage& RawMessage::add_integrity(stun::IntegrityKind kind, base::Bytes key) {
  if (kind == stun::IntegrityKind::Sha1) {
    store_true_length(24);
    return add(stun::AttributeType::MessageIntegrity, crypto::hmac_sha1(key, {bytes_}));
  }
  store_true_length(36);
  return add(stun::AttributeType::MessageIntegritySha256, crypto::hmac_sha256(key, {bytes_}));
}

RawMessage& RawMessage::add_fingerprint() {
  store_true_length(8);
  return add_u32(stun::AttributeType::Fingerprint, crc32(bytes_) ^ 0x5354554EU);
}

RawMessage& RawMessage::pad_with(std::byte padding) {
  padding_ = padding;
  return *this;
}

RawMessage& RawMessage::set_length(std::uint16_t length) {
  base::store_u16(bytes_.data() + 2, length);
  return *this;
}

RawMessage& RawMessage::set_cookie(std::uint32_t cookie) {
  base::store_u32(bytes_.data() + 4, cookie);
  return *this;
}

RawMessage& RawMessage::spoil_last_byte() {
  bytes_.back() ^= std::byte{1};
  return *this;
}

}  // namespace support
