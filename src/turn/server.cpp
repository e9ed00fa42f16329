// SPDX-License-Identifier: Apache-2.0
#include "turn/server.hpp"

#include "base/check.hpp"
#include "stun/attributes.hpp"

namespace turn {

using stun::AttributeType;
using stun::ErrorCode;
using stun::Method;

Server::Server(std::shared_ptr<const Snapshot> snapshot,
               Shared shared,
               base::RandomSource& random,
               Outputs& outputs,
               Counters& counters,
               WorkerIndex worker)
    : snapshot_(std::move(snapshot)),
      shared_(shared),
      random_(random),
      outputs_(outputs),
      counters_(counters),
      worker_(worker) {
  CHECK(snapshot_ != nullptr);
}

void Server::on_unparsed(const base::FiveTuple& from,
                         base::Bytes message,
                         stun::ParseError error,
                         base::Now now) {
  if (error == stun::ParseError::NoMagicCookie && snapshot_->policy.classic_stun) {
    if (const auto classic = stun::MessageView::parse_classic(message)) {
      handle_classic_binding(from, *classic, now);
      return;
    }
  }
  switch (error) {
    case stun::ParseError::TooShort:
      return counters_.drop(DropReason::TooShort);
    case stun::ParseError::NotStun:
      return counters_.drop(DropReason::NotStun);
    case stun::ParseError::NoMagicCookie:
      return counters_.drop(DropReason::NoMagicCookie);
    case stun::ParseError::BadLength:
      return counters_.drop(DropReason::BadLength);
    case stun::ParseError::BadAttribute:
      return counters_.drop(DropReason::BadAttribute);
    case stun::ParseError::BadFingerprint:
      return counters_.drop(DropReason::BadFingerprint);
  }
}

void Server::on_message(const base::FiveTuple& from,
                        const stun::MessageView& message,
                        base::Now now) {
  if (message.message_class() != stun::MessageClass::Request) {
    // A Binding indication only keeps a NAT binding alive: RFC 8489 §6.3.2. Nothing answers an
    // answer.
    if (message.method() != Method::Binding ||
        message.message_class() != stun::MessageClass::Indication) {
      counters_.drop(DropReason::NotARequest);
    }
    return;
  }
  const auto id = table_.find(from);
  Request request{from, message, now, id, id ? table_.get(*id) : nullptr, std::nullopt};
  switch (message.method()) {
    case Method::Binding:
      return handle_binding(request);
    case Method::Allocate:
    case Method::Refresh:
    case Method::CreatePermission:
    case Method::ChannelBind:
      return serve_turn_request(request);
    case Method::Send:
    case Method::Data:
      break;
  }
  counters_.drop(DropReason::UnknownMethod);
}

void Server::serve_turn_request(Request& request) {
  counters_.turn_requests.add();
  if (!authenticate(request)) {
    return;
  }
  stun::MessageBuilder answer = begin_answer(request, stun::MessageClass::Success);
  const Handled handled = dispatch(request, answer);
  if (handled) {
    finish_answer(request, answer);
    return;
  }
  shared_.audit.on_request_refused(request.from,
                                   request.authenticated->identity.username,
                                   request.message.method(),
                                   handled.error(),
                                   request.now);
  answer_error(request, handled.error());
}

Server::Handled Server::dispatch(Request& request, stun::MessageBuilder& answer) {
  // RFC 8489 §6.3: unknown attributes are looked at once authentication is done.
  bool knows_all = true;
  request.message.for_each([&](const stun::Attribute& attribute) {
    knows_all = knows_all && !stun::is_unknown_comprehension_required(attribute.type);
  });
  if (!knows_all) {
    return base::failure(ErrorCode::UnknownAttribute);
  }
  if (request.message.method() == Method::Allocate) {
    return handle_allocate(request, answer);
  }
  // RFC 8656 §5: an allocation must be there, and be of this user.
  if (request.allocation == nullptr) {
    return base::failure(ErrorCode::AllocationMismatch);
  }
  if (request.allocation->identity.username != request.authenticated->identity.username) {
    return base::failure(ErrorCode::WrongCredentials);
  }
  switch (request.message.method()) {
    case Method::Refresh:
      return handle_refresh(request, answer);
    case Method::CreatePermission:
      return handle_create_permission(request);
    default:
      CHECK(request.message.method() == Method::ChannelBind);
      return handle_channel_bind(request);
  }
}

bool Server::is_identity_current(Allocation& allocation) const {
  if (allocation.snapshot_generation == snapshot_->generation) {
    return true;
  }
  // After a reload the key must still follow from what the configuration says: a removed user or
  // secret ends here.
  const auth::Identity& identity = allocation.identity;
  const auth::Credentials& credentials = snapshot_->credentials;
  bool is_current = false;
  if (identity.secret_id.empty()) {
    const auth::StaticUser* user = credentials.find_user(identity.username);
    is_current =
        user != nullptr && (identity.key == user->md5_key || identity.key == user->sha256_key);
  } else {
    for (const auth::SharedSecret& secret : credentials.secrets()) {
      is_current =
          is_current || (secret.id == identity.secret_id &&
                         identity.key == stun::long_term_key(identity.algorithm,
                                                             identity.username,
                                                             credentials.realm(),
                                                             auth::time_limited_password(
                                                                 secret.value, identity.username)));
    }
  }
  if (is_current) {
    allocation.snapshot_generation = snapshot_->generation;
  }
  return is_current;
}

bool Server::authenticate(Request& request) {
  const Policy& policy = snapshot_->policy;
  const bool knows_client =
      request.allocation != nullptr && is_identity_current(*request.allocation);
  auto authenticated = auth::authenticate(request.message,
                                          request.from.client,
                                          request.now,
                                          snapshot_->credentials,
                                          shared_.nonces,
                                          {policy.nonce_lifetime, policy.strict_expiry},
                                          knows_client ? &request.allocation->identity : nullptr);
  if (authenticated) {
    request.authenticated = std::move(*authenticated);
    if (request.allocation != nullptr && !knows_client &&
        request.allocation->identity.username == request.authenticated->identity.username) {
      request.allocation->identity = request.authenticated->identity;
      request.allocation->snapshot_generation = snapshot_->generation;
    }
    return true;
  }
  const auth::Refusal& refusal = authenticated.error();
  if (refusal.reason != auth::RefusalReason::NoCredentials) {
    const auto username = request.message.find(AttributeType::Username);
    shared_.audit.on_credential_refused(request.from,
                                        username ? base::text_of(*username) : std::string_view(),
                                        refusal,
                                        request.now);
  }
  // A stale nonce comes behind a valid integrity: that sender has shown who it is and needs no
  // budget.
  if (refusal.reason != auth::RefusalReason::StaleNonce && !within_budget(request)) {
    counters_.drop(DropReason::BudgetSpent);
    return false;
  }
  if (refusal.code == ErrorCode::BadRequest) {
    answer_error(request, refusal.code);
  } else {
    challenge(request, refusal.code);
  }
  return false;
}

}  // namespace turn
