// SPDX-License-Identifier: Apache-2.0
#include "stun/message_view.hpp"

#include "stun/fingerprint.hpp"

#include <algorithm>

namespace stun {
namespace {

// RFC 8489 §5: the class bits sit between the method's bits.
//   M11 M10 M9 M8 M7 C1 M6 M5 M4 C0 M3 M2 M1 M0
Method method_of(std::uint16_t type) {
  return static_cast<Method>((type & 0x000FU) | ((type & 0x00E0U) >> 1U) |
                             ((type & 0x3E00U) >> 2U));
}

MessageClass class_of(std::uint16_t type) {
  return static_cast<MessageClass>(((type & 0x0010U) >> 4U) | ((type & 0x0100U) >> 7U));
}

}  // namespace

base::Result<MessageView, ParseError> MessageView::parse(base::Bytes message) {
  MessageView view(message);
  if (const auto header = view.parse_header(); !header) {
    return base::failure(header.error());
  }
  if (base::load_u32(message.data() + 4) != kMagicCookie) {
    return base::failure(ParseError::NoMagicCookie);
  }
  if (const auto walked = view.walk_attributes(); !walked) {
    return base::failure(walked.error());
  }
  return view;
}

base::Result<MessageView, ParseError> MessageView::parse_classic(base::Bytes message) {
  MessageView view(message);
  if (const auto header = view.parse_header(); !header) {
    return base::failure(header.error());
  }
  if (const auto walked = view.walk_attributes(); !walked) {
    return base::failure(walked.error());
  }
  return view;
}

base::Result<void, ParseError> MessageView::parse_header() {
  if (bytes_.size() < kHeaderSize) {
    return base::failure(ParseError::TooShort);
  }
  const std::uint16_t type = base::load_u16(bytes_.data());
  if ((type & 0xC000U) != 0) {
    return base::failure(ParseError::NotStun);
  }
  const std::size_t length = base::load_u16(bytes_.data() + 2);
  if (length % 4 != 0 || kHeaderSize + length != bytes_.size()) {
    return base::failure(ParseError::BadLength);
  }
  method_ = method_of(type);
  class_ = class_of(type);
  return {};
}

base::Result<void, ParseError> MessageView::walk_attributes() {
  std::size_t offset = kHeaderSize;
  while (offset < bytes_.size()) {
    const std::size_t rest = bytes_.size() - offset;  // A multiple of 4, so a header always fits.
    const std::size_t size = base::load_u16(bytes_.data() + offset + 2);
    if (padded(size) > rest - kAttributeHeaderSize) {
      return base::failure(ParseError::BadAttribute);
    }
    const Attribute attribute = attribute_at(offset);
    const std::size_t end = offset + kAttributeHeaderSize + padded(size);
    if (attribute.type == AttributeType::Fingerprint) {
      // RFC 8489 §14.7: the last attribute, over everything before it.
      if (size != 4 || end != bytes_.size() ||
          base::load_u32(attribute.value.data()) != fingerprint_of(bytes_.first(offset))) {
        return base::failure(ParseError::BadFingerprint);
      }
      has_fingerprint_ = true;
      visible_end_ = std::min(visible_end_, offset);
    }
    // Only the ones that count: what follows an integrity attribute is ignored, whatever it is (RFC
    // 8489 §9).
    if (attribute.type == AttributeType::MessageIntegrity && sha1_offset_ == 0 &&
        sha256_offset_ == 0 && size != 20) {
      return base::failure(ParseError::BadAttribute);
    }
    // RFC 8489 §14.6 allows truncation only where a usage says so; TURN does not.
    if (attribute.type == AttributeType::MessageIntegritySha256 && sha256_offset_ == 0 &&
        size != 32) {
      return base::failure(ParseError::BadAttribute);
    }
    note_attribute(attribute, offset);
    offset = end;
  }
  return {};
}

void MessageView::note_attribute(const Attribute& attribute, std::size_t offset) {
  // Behind MESSAGE-INTEGRITY only its SHA-256 sibling counts, behind that none: RFC 8489 §14.5,
  // §14.6.
  if (attribute.type == AttributeType::MessageIntegrity && sha1_offset_ == 0 &&
      sha256_offset_ == 0) {
    sha1_offset_ = offset;
    visible_end_ = std::min(visible_end_, offset);
  }
  if (attribute.type == AttributeType::MessageIntegritySha256 && sha256_offset_ == 0) {
    sha256_offset_ = offset;
    visible_end_ = std::min(visible_end_, offset);
  }
}

TransactionId MessageView::transaction_id() const {
  TransactionId id{};
  base::copy_bytes(id, bytes_.subspan(8, id.size()));
  return id;
}

Attribute MessageView::attribute_at(std::size_t offset) const {
  const std::size_t size = base::load_u16(bytes_.data() + offset + 2);
  return {static_cast<AttributeType>(base::load_u16(bytes_.data() + offset)),
          bytes_.subspan(offset + kAttributeHeaderSize, size)};
}

std::optional<base::Bytes> MessageView::find(AttributeType type) const {
  std::size_t offset = kHeaderSize;
  while (offset < visible_end_) {
    const Attribute attribute = attribute_at(offset);
    if (attribute.type == type) {
      return attribute.value;
    }
    offset += kAttributeHeaderSize + padded(attribute.value.size());
  }
  return std::nullopt;
}

std::optional<std::size_t> MessageView::integrity_offset(IntegrityKind kind) const {
  const std::size_t offset = kind == IntegrityKind::Sha1 ? sha1_offset_ : sha256_offset_;
  return offset == 0 ? std::nullopt : std::optional(offset);
}

}  // namespace stun
