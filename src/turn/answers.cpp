// SPDX-License-Identifier: Apache-2.0
#include "base/check.hpp"
#include "stun/attributes.hpp"
#include "turn/server.hpp"

#include <algorithm>

// How requests are answered: successes, errors and the challenge that must stay small.

namespace turn {

using stun::AttributeType;
using stun::ErrorCode;

namespace {

constexpr std::size_t kUdpHeaderSize = 8;
constexpr std::size_t kIpv4HeaderSize = 20;
constexpr std::size_t kIpv6HeaderSize = 40;
constexpr std::size_t kUnknownAttributesMax = 32;

/// Largest answer in bytes that an unauthenticated request may draw. A stream's handshake has shown
/// the address.
std::size_t answer_size_max(const base::FiveTuple& from, std::size_t request_size) {
  if (from.transport != base::Transport::Udp) {
    return SIZE_MAX;
  }
  const std::size_t headers =
      kUdpHeaderSize + (from.client.ip.is_ipv4() ? kIpv4HeaderSize : kIpv6HeaderSize);
  return (request_size + headers) * kAmplificationTenthsMax / 10 - headers;
}

void add_unknown_attributes(const stun::MessageView& message, stun::MessageBuilder& answer) {
  std::array<std::byte, kUnknownAttributesMax * 2> list{};
  std::size_t count = 0;
  message.for_each([&](const stun::Attribute& attribute) {
    if (count < kUnknownAttributesMax && stun::is_unknown_comprehension_required(attribute.type)) {
      base::store_u16(list.data() + 2 * count, static_cast<std::uint16_t>(attribute.type));
      ++count;
    }
  });
  answer.add(AttributeType::UnknownAttributes, base::Bytes(list).first(2 * count));
}

}  // namespace

bool Server::within_budget(const Request& request) {
  // Whoever has an allocation has authenticated.
  return request.allocation != nullptr ||
         shared_.budget.take(request.from.client.ip,
                             snapshot_->policy.unauthenticated_per_second,
                             request.now.monotonic);
}

stun::MessageBuilder Server::begin_answer(const Request& request,
                                          stun::MessageClass message_class) {
  return {answer_, message_class, request.message.method(), request.message.transaction_id()};
}

void Server::finish_answer(const Request& request, stun::MessageBuilder& answer) {
  if (request.authenticated) {
    if (!snapshot_->policy.software.empty()) {
      answer.add_text(AttributeType::Software, snapshot_->policy.software);
    }
    answer.add_integrity(request.authenticated->answer_integrity,
                         request.authenticated->identity.key.bytes());
  }
  if (request.message.has_fingerprint()) {
    answer.add_fingerprint();
  }
  outputs_.send_to_client(request.from, answer.finish());
}

void Server::answer_error(const Request& request, ErrorCode code) {
  stun::MessageBuilder answer = begin_answer(request, stun::MessageClass::Error);
  // A phrase is for the eyes of whoever has authenticated; to anyone else the answer stays small.
  answer.add_error(code, request.authenticated ? stun::reason_phrase(code) : std::string_view());
  if (code == ErrorCode::UnknownAttribute) {
    add_unknown_attributes(request.message, answer);
  }
  finish_answer(request, answer);
}

void Server::challenge(const Request& request, ErrorCode code) {
  const std::size_t size_max = answer_size_max(request.from, request.message.bytes().size());
  const auth::SecurityFeatures offered = snapshot_->credentials.features();
  // The features of RFC 8489 §9.2 are announced where they fit. The nonce's signature covers which
  // ones were, so that nobody on the path can take them away.
  for (const bool with_algorithms : {true, false}) {
    if (with_algorithms && !offered.password_algorithms) {
      continue;
    }
    const auth::SecurityFeatures features{with_algorithms, offered.username_anonymity};
    stun::MessageBuilder answer = begin_answer(request, stun::MessageClass::Error);
    answer.add_error(code, {});
    answer.add_text(AttributeType::Realm, snapshot_->credentials.realm());
    const auth::NonceMint::Nonce nonce =
        shared_.nonces.make(request.from.client, features, request.now.monotonic);
    answer.add_text(AttributeType::Nonce, {nonce.data(), nonce.size()});
    if (with_algorithms) {
      answer.add(AttributeType::PasswordAlgorithms, auth::offered_password_algorithms());
    }
    if (request.message.has_fingerprint()) {
      answer.add_fingerprint();
    }
    if (answer.size() <= size_max) {
      counters_.challenges.add();
      outputs_.send_to_client(request.from, answer.finish());
      return;
    }
  }
  counters_.drop(DropReason::ChallengeTooLarge);
}

base::Result<std::chrono::seconds, ErrorCode> Server::desired_lifetime(
    const Request& request) const {
  // RFC 8656 §7.2, §8.2: at least the default, at most the maximum, zero to delete.
  const auto attribute = request.message.find(AttributeType::Lifetime);
  std::chrono::seconds desired = kLifetimeDefault;
  if (attribute) {
    const auto asked = stun::parse_u32(*attribute);
    if (!asked) {
      return base::failure(ErrorCode::BadRequest);
    }
    if (*asked == 0 && request.message.method() == stun::Method::Refresh) {
      return std::chrono::seconds{0};
    }
    desired =
        std::clamp(std::chrono::seconds(*asked), kLifetimeDefault, snapshot_->policy.lifetime_max);
  }
  const auto& expiry = request.authenticated->identity.expiry;
  if (snapshot_->policy.strict_expiry && expiry) {
    desired = std::min<std::chrono::seconds>(desired, *expiry - request.now.wall);
  }
  return desired;
}

}  // namespace turn
