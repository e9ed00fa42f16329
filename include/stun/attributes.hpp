// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "stun/message_view.hpp"

#include <optional>
#include <string_view>

namespace stun {

/// XOR-MAPPED-ADDRESS and its kin (RFC 8489 §14.2). Nothing when family or length is not one of the
/// two.
[[nodiscard]] std::optional<base::TransportAddress> parse_xor_address(base::Bytes value,
                                                                      const TransactionId& id);

/// A 4-byte number such as LIFETIME, in seconds there. Nothing for another length.
[[nodiscard]] std::optional<std::uint32_t> parse_u32(base::Bytes value);

/// CHANNEL-NUMBER: RFC 8656 §18.1.
[[nodiscard]] std::optional<std::uint16_t> parse_channel_number(base::Bytes value);

/// The family of REQUESTED-ADDRESS-FAMILY and ADDITIONAL-ADDRESS-FAMILY: RFC 8656 §18.6. The number
/// as it came: a family that does not exist is for the caller to refuse. Nothing for another
/// length.
[[nodiscard]] std::optional<std::uint8_t> parse_family(base::Bytes value);

/// The protocol number of REQUESTED-TRANSPORT: RFC 8656 §18.8.
[[nodiscard]] std::optional<std::uint8_t> parse_protocol(base::Bytes value);

/// The R bit of EVEN-PORT: RFC 8656 §18.7.
[[nodiscard]] std::optional<bool> parse_even_port(base::Bytes value);

/// The algorithm of PASSWORD-ALGORITHM, whose parameters must be empty: RFC 8489 §14.12, §18.5.1.
[[nodiscard]] std::optional<std::uint16_t> parse_password_algorithm(base::Bytes value);

/// Whether a server that understands `known` must refuse this type unseen: below 0x8000 and not in
/// RFC 8489 or 8656.
[[nodiscard]] bool is_unknown_comprehension_required(AttributeType type);

}  // namespace stun
