// SPDX-License-Identifier: Apache-2.0
#include "load/turn_client.hpp"

#include "crypto/base64.hpp"
#include "stun/attributes.hpp"
#include "stun/message_builder.hpp"

#include <array>

namespace load {
namespace {

using stun::AttributeType;
using stun::ErrorCode;

constexpr std::uint32_t kUdpProtocol = 17U << 24U;
// A nonce may turn stale between challenge and request, but not over and over.
constexpr int kChallengesMax = 3;
constexpr int kMovesMax = 10;

stun::Method method_of(Step step) {
  switch (step) {
    case Step::Allocate:
      return stun::Method::Allocate;
    case Step::CreatePermission:
      return stun::Method::CreatePermission;
    case Step::ChannelBind:
      return stun::Method::ChannelBind;
    case Step::Refresh:
    case Step::Release:
      break;
  }
  return stun::Method::Refresh;
}

void add_family(stun::MessageBuilder& message, base::Family family) {
  message.add_u32(AttributeType::RequestedAddressFamily, static_cast<std::uint32_t>(family) << 24U);
}

std::string hint_for(ErrorCode code, const std::string& username) {
  switch (code) {
    case ErrorCode::Unauthenticated:
      return "; does the server know the user '" + username + "', and is the password right?";
    case ErrorCode::Forbidden:
      return "; does the server allow the peer's address (turnpike: [peers] allow, coturn: "
             "--allow-loopback-peers)?";
    case ErrorCode::AllocationQuotaReached:
      return "; the user '" + username +
             "' may have no more allocations (turnpike: [limits] allocations_per_user)";
    case ErrorCode::InsufficientCapacity:
      return "; the server has no relayed port or descriptor left";
    default:
      return {};
  }
}

}  // namespace

void Account::learn_realm(std::string_view realm) {
  if (realm != realm_) {
    realm_ = realm;
    key_ = stun::long_term_key(stun::PasswordAlgorithm::Md5, username_, realm_, password_);
  }
}

Account time_limited_account(std::string_view secret,
                             std::string_view user,
                             std::int64_t expires_at) {
  std::string username = std::to_string(expires_at) + ":" + std::string(user);
  const crypto::Sha1 code = crypto::hmac_sha1(base::bytes_of(secret), {base::bytes_of(username)});
  return {std::move(username), crypto::base64(code)};
}

std::string_view to_text(Step step) {
  switch (step) {
    case Step::Allocate:
      return "Allocate";
    case Step::CreatePermission:
      return "CreatePermission";
    case Step::ChannelBind:
      return "ChannelBind";
    case Step::Refresh:
      return "Refresh";
    case Step::Release:
      break;
  }
  return "Refresh with lifetime 0";
}

base::Bytes TurnClient::begin(Step step, base::MutableBytes buffer, base::RandomSource& random) {
  step_ = step;
  outstanding_ = true;
  random.fill(transaction_id_);
  return repeat(buffer);
}

base::Bytes TurnClient::repeat(base::MutableBytes buffer) const {
  stun::MessageBuilder message(
      buffer, stun::MessageClass::Request, method_of(step_), transaction_id_);
  switch (step_) {
    case Step::Allocate:
      message.add_u32(AttributeType::RequestedTransport, kUdpProtocol);
      if (!peer_.ip.is_ipv4()) {
        add_family(message, base::Family::IPv6);
      }
      break;
    case Step::ChannelBind:
      message.add_u32(AttributeType::ChannelNumber, std::uint32_t{channel_.value()} << 16U);
      [[fallthrough]];
    case Step::CreatePermission:
      message.add_xor_address(AttributeType::XorPeerAddress, peer_);
      break;
    case Step::Refresh:
      break;
    case Step::Release:
      message.add_u32(AttributeType::Lifetime, 0);
      break;
  }
  if (!nonce_.empty()) {
    message.add_text(AttributeType::Username, account_->username());
    message.add_text(AttributeType::Realm, account_->realm());
    message.add_text(AttributeType::Nonce, nonce_);
    message.add_integrity(stun::IntegrityKind::Sha1, account_->key());
  }
  return message.finish();
}

TurnClient::Outcome TurnClient::on_answer(const stun::MessageView& answer) {
  if (!outstanding_ || answer.method() != method_of(step_) ||
      answer.transaction_id() != transaction_id_) {
    return Outcome::NotMine;
  }
  switch (answer.message_class()) {
    case stun::MessageClass::Success:
      return on_success(answer);
    case stun::MessageClass::Error:
      return on_error(answer);
    case stun::MessageClass::Request:
    case stun::MessageClass::Indication:
      break;
  }
  return Outcome::NotMine;
}

TurnClient::Outcome TurnClient::on_success(const stun::MessageView& answer) {
  // RFC 8489 §9.2.5: an answer that is not signed with our key is as good as none.
  if (!nonce_.empty() && !verify_integrity(answer, stun::IntegrityKind::Sha1, account_->key())) {
    return Outcome::NotMine;
  }
  if (step_ == Step::Allocate) {
    const auto value = answer.find(AttributeType::XorRelayedAddress);
    const auto relayed = value ? stun::parse_xor_address(*value, transaction_id_) : std::nullopt;
    if (!relayed) {
      return refuse("The server's answer to Allocate names no relayed address");
    }
    relayed_address_ = *relayed;
  }
  outstanding_ = false;
  challenges_ = 0;
  moves_ = 0;
  return Outcome::Done;
}

TurnClient::Outcome TurnClient::on_error(const stun::MessageView& answer) {
  const auto value = answer.find(AttributeType::ErrorCode);
  if (!value || value->size() < 4) {
    return refuse("The server refused " + std::string(to_text(step_)) + " without an error code");
  }
  // RFC 8489 §14.8: the hundreds in three bits, then the rest.
  const unsigned number =
      (std::to_integer<unsigned>((*value)[2]) & 7U) * 100 + std::to_integer<unsigned>((*value)[3]);
  const auto code = static_cast<ErrorCode>(number);
  const auto realm = answer.find(AttributeType::Realm);
  const auto nonce = answer.find(AttributeType::Nonce);
  const bool is_challenge =
      (code == ErrorCode::Unauthenticated || code == ErrorCode::StaleNonce) && realm && nonce;
  // A 401 to a signed request means wrong credentials, but for a server that has forgotten us
  // meanwhile.
  const int allowed = code == ErrorCode::Unauthenticated && !nonce_.empty() ? 1 : kChallengesMax;
  if (is_challenge && challenges_ < allowed) {
    ++challenges_;
    account_->learn_realm(base::text_of(*realm));
    nonce_ = base::text_of(*nonce);
    return Outcome::Again;
  }
  if (code == ErrorCode::AllocationMismatch && step_ == Step::Allocate && moves_ < kMovesMax) {
    ++moves_;
    challenges_ = 0;
    return Outcome::Taken;
  }
  const std::string_view phrase = stun::reason_phrase(code);
  return refuse("The server refused " + std::string(to_text(step_)) + " with " +
                std::to_string(number) + (phrase.empty() ? "" : " (" + std::string(phrase) + ")") +
                hint_for(code, account_->username()));
}

TurnClient::Outcome TurnClient::refuse(std::string why) {
  outstanding_ = false;
  challenges_ = 0;
  moves_ = 0;
  refusal_ = std::move(why);
  return Outcome::Refused;
}

}  // namespace load
