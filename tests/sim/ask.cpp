// SPDX-License-Identifier: Apache-2.0
#include "sim/ask.hpp"

#include "stun/attributes.hpp"
#include "support/raw_message.hpp"

namespace sim {

using stun::AttributeType;
using support::RawMessage;

namespace {

stun::LongTermKey key_of(const Ask& ask, std::string_view realm) {
  const std::string password = ask.has_right_password ? ask.account.password : "guessed";
  return stun::long_term_key(stun::PasswordAlgorithm::Md5, ask.account.username, realm, password);
}

void add_allocate_attributes(const Ask& ask, RawMessage& message) {
  message.add_leading_u8(AttributeType::RequestedTransport, ask.protocol);
  if (ask.wants_both_families) {
    message.add_leading_u8(AttributeType::AdditionalAddressFamily, 2);
  }
  if (ask.port_wish != PortWish::Any) {
    message.add_u8(AttributeType::EvenPort,
                   ask.port_wish == PortWish::EvenAndReserveNext ? 0x80 : 0);
  }
  if (ask.token) {
    message.add(AttributeType::ReservationToken, base::Bytes(*ask.token));
  }
}

}  // namespace

std::vector<std::byte> encode(const Ask& ask, std::string_view realm) {
  RawMessage message(stun::MessageClass::Request, ask.method, ask.id);
  if (ask.method == stun::Method::Allocate) {
    add_allocate_attributes(ask, message);
  }
  if (ask.family) {
    message.add_leading_u8(AttributeType::RequestedAddressFamily, *ask.family);
  }
  if (ask.lifetime) {
    message.add_u32(AttributeType::Lifetime, *ask.lifetime);
  }
  if (ask.method == stun::Method::ChannelBind) {
    message.add_leading_u16(AttributeType::ChannelNumber, ask.channel_number);
  }
  for (const base::TransportAddress& peer : ask.peers) {
    message.add_xor_address(AttributeType::XorPeerAddress, peer);
  }
  if (ask.is_signed) {
    message.add(AttributeType::Username, ask.account.username)
        .add(AttributeType::Realm, realm)
        .add(AttributeType::Nonce, ask.nonce)
        .add_integrity(stun::IntegrityKind::Sha1, key_of(ask, realm).bytes());
  }
  return message.bytes();
}

std::optional<Answer> decode(base::Bytes message, const Ask& ask, std::string_view realm) {
  const auto view = stun::MessageView::parse(message);
  if (!view || view->transaction_id() != ask.id || view->method() != ask.method ||
      (view->message_class() != stun::MessageClass::Success &&
       view->message_class() != stun::MessageClass::Error)) {
    return std::nullopt;
  }
  Answer answer;
  view->for_each([&](const stun::Attribute& attribute) {
    const base::Bytes value = attribute.value;
    switch (attribute.type) {
      case AttributeType::ErrorCode:
        answer.code = std::to_integer<int>(value[2]) * 100 + std::to_integer<int>(value[3]);
        break;
      case AttributeType::Lifetime:
        answer.lifetime = stun::parse_u32(value);
        break;
      case AttributeType::XorRelayedAddress:
        answer.relayed.push_back(*stun::parse_xor_address(value, ask.id));
        break;
      case AttributeType::ReservationToken:
        answer.token.emplace();
        base::copy_bytes(*answer.token, value);
        break;
      case AttributeType::AddressErrorCode:
        answer.missing_family = static_cast<base::Family>(value[0]);
        break;
      case AttributeType::Nonce:
        answer.nonce = std::string(base::text_of(value));
        break;
      default:
        break;
    }
  });
  answer.has_right_integrity =
      stun::verify_integrity(*view, stun::IntegrityKind::Sha1, key_of(ask, realm).bytes());
  const bool is_error = view->message_class() == stun::MessageClass::Error;
  return is_error == (answer.code != 0) ? std::optional(answer) : std::nullopt;
}

}  // namespace sim
