// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "stun/types.hpp"

namespace stun {

/// Writes one message into the caller's buffer, which must hold it: running out is a bug, not an
/// error. Every byte of the message is written, padding as zeros, so nothing stale leaves
/// (CVE-2020-4067 was that).
class MessageBuilder {
 public:
  MessageBuilder(base::MutableBytes buffer,
                 MessageClass message_class,
                 Method method,
                 const TransactionId& id);
  /// An answer with the cookie and transaction id bytes of a request, of RFC 3489 or later.
  MessageBuilder(base::MutableBytes buffer,
                 MessageClass message_class,
                 Method method,
                 base::Bytes cookie_and_transaction_id);

  void add(AttributeType type, base::Bytes value);

  void add_text(AttributeType type, std::string_view text) { add(type, base::bytes_of(text)); }

  void add_u32(AttributeType type, std::uint32_t value);
  void add_xor_address(AttributeType type, const base::TransportAddress& address);
  /// MAPPED-ADDRESS, in clear, for clients of RFC 3489.
  void add_mapped_address(const base::TransportAddress& address);
  /// ERROR-CODE; an empty phrase keeps the answer small.
  void add_error(ErrorCode code, std::string_view phrase);
  /// ADDRESS-ERROR-CODE without a reason phrase: RFC 8656 §18.12.
  void add_address_error(base::Family family, ErrorCode code);
  void add_integrity(IntegrityKind kind, base::Bytes key);
  void add_fingerprint();

  [[nodiscard]] std::size_t size() const { return size_; }

  /// The message, its length field true.
  [[nodiscard]] base::Bytes finish() const { return buffer_.first(size_); }

 private:
  base::MutableBytes add_space(AttributeType type, std::size_t size);
  void store_length(std::size_t message_size);

  base::MutableBytes buffer_;
  std::size_t size_ = kHeaderSize;
};

/// Type field of a message: RFC 8489 §5.
[[nodiscard]] std::uint16_t message_type(MessageClass message_class, Method method);

}  // namespace stun
