// SPDX-License-Identifier: Apache-2.0
#include "stun/message_builder.hpp"

#include "base/check.hpp"
#include "crypto/digest.hpp"
#include "stun/fingerprint.hpp"

#include <algorithm>

namespace stun {
namespace {

std::size_t write_address(base::MutableBytes out, const base::TransportAddress& address) {
  out[0] = std::byte{0};
  out[1] = static_cast<std::byte>(address.ip.family());
  base::store_u16(out.data() + 2, address.port);
  base::copy_bytes(out.subspan(4), address.ip.bytes());
  return 4 + address.ip.bytes().size();
}

void write_error(std::byte* out, ErrorCode code) {
  // RFC 8489 §14.8: hundreds and the rest in bytes of their own.
  const auto number = static_cast<std::uint16_t>(code);
  out[0] = static_cast<std::byte>(number / 100U);
  out[1] = static_cast<std::byte>(number % 100U);
}

}  // namespace

std::uint16_t message_type(MessageClass message_class, Method method) {
  const auto m = static_cast<unsigned>(method);
  const auto c = static_cast<unsigned>(message_class);
  return static_cast<std::uint16_t>((m & 0x000FU) | ((m & 0x0070U) << 1U) | ((m & 0x0F80U) << 2U) |
                                    ((c & 1U) << 4U) | ((c & 2U) << 7U));
}

MessageBuilder::MessageBuilder(base::MutableBytes buffer,
                               MessageClass message_class,
                               Method method,
                               const TransactionId& id)
    : buffer_(buffer) {
  CHECK(buffer.size() >= kHeaderSize);
  base::store_u16(buffer.data(), message_type(message_class, method));
  base::store_u32(buffer.data() + 4, kMagicCookie);
  base::copy_bytes(buffer.subspan(8), id);
  store_length(size_);
}

MessageBuilder::MessageBuilder(base::MutableBytes buffer,
                               MessageClass message_class,
                               Method method,
                               base::Bytes cookie_and_transaction_id)
    : buffer_(buffer) {
  CHECK(buffer.size() >= kHeaderSize && cookie_and_transaction_id.size() == 16);
  base::store_u16(buffer.data(), message_type(message_class, method));
  base::copy_bytes(buffer.subspan(4), cookie_and_transaction_id);
  store_length(size_);
}

base::MutableBytes MessageBuilder::add_space(AttributeType type, std::size_t size) {
  const std::size_t end = size_ + kAttributeHeaderSize + padded(size);
  CHECK(size <= 0xFFFFU && end <= buffer_.size() && end <= kMessageSizeMax);
  base::store_u16(buffer_.data() + size_, static_cast<std::uint16_t>(type));
  base::store_u16(buffer_.data() + size_ + 2, static_cast<std::uint16_t>(size));
  const base::MutableBytes value = buffer_.subspan(size_ + kAttributeHeaderSize, padded(size));
  std::fill(value.begin() + static_cast<std::ptrdiff_t>(size), value.end(), std::byte{0});
  size_ = end;
  store_length(size_);
  return value.first(size);
}

void MessageBuilder::store_length(std::size_t message_size) {
  base::store_u16(buffer_.data() + 2, static_cast<std::uint16_t>(message_size - kHeaderSize));
}

void MessageBuilder::add(AttributeType type, base::Bytes value) {
  base::copy_bytes(add_space(type, value.size()), value);
}

void MessageBuilder::add_u32(AttributeType type, std::uint32_t value) {
  base::store_u32(add_space(type, 4).data(), value);
}

void MessageBuilder::add_mapped_address(const base::TransportAddress& address) {
  std::array<std::byte, 20> raw{};
  const std::size_t size = write_address(raw, address);
  add(AttributeType::MappedAddress, base::Bytes(raw).first(size));
}

void MessageBuilder::add_xor_address(AttributeType type, const base::TransportAddress& address) {
  std::array<std::byte, 20> raw{};
  const std::size_t size = write_address(raw, address);
  // RFC 8489 §14.2: masked by the cookie's upper half and by cookie and transaction id.
  const base::Bytes mask = buffer_.subspan(4, 16);
  raw[2] ^= mask[0];
  raw[3] ^= mask[1];
  for (std::size_t i = 4; i < size; ++i) {
    raw[i] ^= mask[i - 4];
  }
  add(type, base::Bytes(raw).first(size));
}

void MessageBuilder::add_error(ErrorCode code, std::string_view phrase) {
  const base::MutableBytes value = add_space(AttributeType::ErrorCode, 4 + phrase.size());
  base::store_u16(value.data(), 0);
  write_error(value.data() + 2, code);
  base::copy_bytes(value.subspan(4), base::bytes_of(phrase));
}

void MessageBuilder::add_address_error(base::Family family, ErrorCode code) {
  const base::MutableBytes value = add_space(AttributeType::AddressErrorCode, 4);
  value[0] = static_cast<std::byte>(family);
  value[1] = std::byte{0};
  write_error(value.data() + 2, code);
}

void MessageBuilder::add_integrity(IntegrityKind kind, base::Bytes key) {
  // RFC 8489 §14.5: the HMAC is over what comes before, with a length that already counts the
  // attribute.
  const base::Bytes before = buffer_.first(size_);
  const bool is_sha1 = kind == IntegrityKind::Sha1;
  const base::MutableBytes value =
      add_space(is_sha1 ? AttributeType::MessageIntegrity : AttributeType::MessageIntegritySha256,
                is_sha1 ? sizeof(crypto::Sha1) : sizeof(crypto::Sha256));
  if (is_sha1) {
    base::copy_bytes(value, crypto::hmac_sha1(key, {before}));
  } else {
    base::copy_bytes(value, crypto::hmac_sha256(key, {before}));
  }
}

void MessageBuilder::add_fingerprint() {
  const std::size_t before = size_;
  const base::MutableBytes value = add_space(AttributeType::Fingerprint, 4);
  base::store_u32(value.data(), fingerprint_of(buffer_.first(before)));
}

}  // namespace stun
