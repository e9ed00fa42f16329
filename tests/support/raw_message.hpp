// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "stun/types.hpp"

#include <string_view>
#include <vector>

namespace support {

/// Transaction id 01 02 … 0c.
inline constexpr stun::TransactionId kTransactionId = {std::byte{1},
                                                       std::byte{2},
                                                       std::byte{3},
                                                       std::byte{4},
                                                       std::byte{5},
                                                       std::byte{6},
                                                       std::byte{7},
                                                       std::byte{8},
                                                       std::byte{9},
                                                       std::byte{10},
                                                       std::byte{11},
                                                       std::byte{12}};

/// A STUN message put together byte by byte, without the code under test. It writes what
/// MessageBuilder would refuse: wrong lengths, broken integrity, attributes in any order.
class RawMessage {
 public:
  RawMessage(stun::MessageClass message_class,
             stun::Method method,
             const stun::TransactionId& id = kTransactionId);

  RawMessage& add(stun::AttributeType type, base::Bytes value);
  RawMessage& add(stun::AttributeType type, std::string_view text);
  RawMessage& add_u8(stun::AttributeType type, std::uint8_t value);
  /// A number in the first of four bytes, as REQUESTED-TRANSPORT and the family attributes have it.
  RawMessage& add_leading_u8(stun::AttributeType type, std::uint8_t value);
  /// A number in the first two of four bytes, as CHANNEL-NUMBER has it.
  RawMessage& add_leading_u16(stun::AttributeType type, std::uint16_t value);
  RawMessage& add_u32(stun::AttributeType type, std::uint32_t value);
  RawMessage& add_xor_address(stun::AttributeType type, const base::TransportAddress& address);
  /// Type, length field and value as they are, without padding.
  RawMessage& add_unpadded(stun::AttributeType type, std::uint16_t length, base::Bytes value);
  RawMessage& add_integrity(stun::IntegrityKind kind, base::Bytes key);
  RawMessage& add_fingerprint();

  /// Padding bytes of the attributes added from here on; RFC 8489 §14 lets them be anything.
  RawMessage& pad_with(std::byte padding);
  /// Overwrites the header's length field.
  RawMessage& set_length(std::uint16_t length);
  /// Overwrites the header's cookie.
  RawMessage& set_cookie(std::uint32_t cookie);
  /// Flips one bit of the last byte.
  RawMessage& spoil_last_byte();

  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  void store_true_length(std::size_t extra);

  std::vector<std::byte> bytes_;
  std::byte padding_{0};
};

}  // namespace support
