// SPDX-License-Identifier: Apache-2.0
#include "support/describe.hpp"

#include "stun/attributes.hpp"
#include "stun/integrity.hpp"

namespace support {
namespace {

using stun::Attribute;
using stun::AttributeType;
using stun::IntegrityKind;
using stun::MessageView;

std::string to_text(stun::MessageClass message_class) {
  switch (message_class) {
    case stun::MessageClass::Request:
      return "request";
    case stun::MessageClass::Indication:
      return "indication";
    case stun::MessageClass::Success:
      return "success";
    case stun::MessageClass::Error:
      return "error";
  }
  return "?";
}

std::string number_of(base::Bytes value) {
  const auto number = stun::parse_u32(value);
  return number ? std::to_string(*number) : base::to_hex(value);
}

std::string error_of(base::Bytes value) {
  if (value.size() < 4) {
    return base::to_hex(value);
  }
  const auto phrase = base::text_of(value.subspan(4));
  return std::to_string(std::to_integer<int>(value[2]) * 100 + std::to_integer<int>(value[3])) +
         (phrase.empty() ? "" : " (" + std::string(phrase) + ")");
}

std::string address_of(base::Bytes value, const MessageView& view) {
  const auto address = stun::parse_xor_address(value, view.transaction_id());
  return address ? address->to_string() : "unreadable " + base::to_hex(value);
}

std::string describe(const Attribute& attribute, const MessageView& view) {
  const base::Bytes value = attribute.value;
  switch (attribute.type) {
    case AttributeType::ErrorCode:
      return error_of(value);
    case AttributeType::XorMappedAddress:
      return "mapped=" + address_of(value, view);
    case AttributeType::XorRelayedAddress:
      return "relayed=" + address_of(value, view);
    case AttributeType::XorPeerAddress:
      return "peer=" + address_of(value, view);
    case AttributeType::MappedAddress:
      return "clear-mapped=" + base::to_hex(value);
    case AttributeType::Lifetime:
      return "lifetime=" + number_of(value);
    case AttributeType::ReservationToken:
      return "token=" + base::to_hex(value);
    case AttributeType::AddressErrorCode:
      return "address-error=" + base::to_hex(value.first(1)) + ":" + error_of(value);
    case AttributeType::Realm:
      return "realm=" + std::string(base::text_of(value));
    case AttributeType::Nonce:
      return "nonce=" + std::string(base::text_of(value).substr(0, 13)) + "+" +
             std::to_string(value.size());
    case AttributeType::PasswordAlgorithms:
      return "algorithms=" + base::to_hex(value);
    case AttributeType::UnknownAttributes:
      return "unknown=" + base::to_hex(value);
    case AttributeType::Software:
      return "software=" + std::string(base::text_of(value));
    case AttributeType::Icmp:
      return "icmp=" + base::to_hex(value);
    default:
      return std::to_string(static_cast<int>(attribute.type)) + "=" + base::to_hex(value);
  }
}

std::string integrity_of(const MessageView& view, base::Bytes key) {
  std::string text;
  for (const auto kind : {IntegrityKind::Sha1, IntegrityKind::Sha256}) {
    if (view.integrity_offset(kind)) {
      text += " integrity=";
      text += kind == IntegrityKind::Sha1 ? "sha1" : "sha256";
      text += stun::verify_integrity(view, kind, key) ? "" : " WRONG";
    }
  }
  return text;
}

}  // namespace

std::string to_text(stun::Method method) {
  switch (method) {
    case stun::Method::Binding:
      return "Binding";
    case stun::Method::Allocate:
      return "Allocate";
    case stun::Method::Refresh:
      return "Refresh";
    case stun::Method::Send:
      return "Send";
    case stun::Method::Data:
      return "Data";
    case stun::Method::CreatePermission:
      return "CreatePermission";
    case stun::Method::ChannelBind:
      return "ChannelBind";
  }
  return "method " + std::to_string(static_cast<int>(method));
}

std::string describe(base::Bytes message, base::Bytes key) {
  const auto view = MessageView::parse(message);
  if (!view) {
    return "not a message: " + base::to_hex(message);
  }
  std::string text = to_text(view->method()) + " " + to_text(view->message_class());
  view->for_each([&](const Attribute& attribute) { text += " " + describe(attribute, *view); });
  return text + integrity_of(*view, key) + (view->has_fingerprint() ? " fingerprint" : "");
}

}  // namespace support
