// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "stun/types.hpp"

#include <optional>

namespace stun {

/// Why bytes are not a STUN message. Each is a counter of its own.
enum class ParseError : std::uint8_t {
  TooShort,
  NotStun,         ///< One of the first two bits is set.
  NoMagicCookie,   ///< Perhaps a client of RFC 3489.
  BadLength,       ///< Not a multiple of 4, or not the size of what was received.
  BadAttribute,    ///< An attribute reaches past the end, or one of fixed size has another.
  BadFingerprint,  ///< Present, not last, or wrong.
};

/// One attribute in place; `value` without its padding.
struct Attribute {
  AttributeType type{};
  base::Bytes value;
};

/// A checked STUN message over bytes that somebody else keeps. Attributes behind the first
/// integrity attribute are not seen, but for MESSAGE-INTEGRITY-SHA256 and FINGERPRINT (RFC 8489
/// §14.5, §14.6).
class MessageView {
 public:
  /// Checks header, length, attribute bounds and FINGERPRINT when there is one. RFC 8489 §6.3.
  [[nodiscard]] static base::Result<MessageView, ParseError> parse(base::Bytes message);

  /// The same for a request of RFC 3489: no magic cookie, a transaction id of 16 bytes.
  [[nodiscard]] static base::Result<MessageView, ParseError> parse_classic(base::Bytes message);

  [[nodiscard]] Method method() const { return method_; }

  [[nodiscard]] MessageClass message_class() const { return class_; }

  [[nodiscard]] TransactionId transaction_id() const;

  /// Everything behind type and length: 16 bytes, cookie or not.
  [[nodiscard]] base::Bytes cookie_and_transaction_id() const { return bytes_.subspan(4, 16); }

  [[nodiscard]] base::Bytes bytes() const { return bytes_; }

  [[nodiscard]] bool has_fingerprint() const { return has_fingerprint_; }

  /// Value of the first attribute of this type, as RFC 8489 §14 wants for repeated ones.
  [[nodiscard]] std::optional<base::Bytes> find(AttributeType type) const;

  /// Offset of MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 in the message; nothing without one.
  [[nodiscard]] std::optional<std::size_t> integrity_offset(IntegrityKind kind) const;

  /// Calls `visit(Attribute)` for every visible attribute in order, the integrity attributes
  /// excluded.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    std::size_t offset = kHeaderSize;
    while (offset < visible_end_) {
      const Attribute attribute = attribute_at(offset);
      visit(attribute);
      offset += kAttributeHeaderSize + padded(attribute.value.size());
    }
  }

 private:
  explicit MessageView(base::Bytes bytes) : bytes_(bytes), visible_end_(bytes.size()) {}

  [[nodiscard]] Attribute attribute_at(std::size_t offset) const;
  base::Result<void, ParseError> parse_header();
  base::Result<void, ParseError> walk_attributes();
  void note_attribute(const Attribute& attribute, std::size_t offset);

  base::Bytes bytes_;
  std::size_t visible_end_;        // Where the attributes that count end.
  std::size_t sha1_offset_ = 0;    // 0: none.
  std::size_t sha256_offset_ = 0;  // 0: none.
  Method method_{};
  MessageClass class_{};
  bool has_fingerprint_ = false;
};

}  // namespace stun
