// SPDX-License-Identifier: Apache-2.0
#include "stun/attributes.hpp"
#include "turn/server.hpp"

// Binding: RFC 8489 §6.3.1 and §12, and §11 for clients of RFC 3489.

namespace turn {

using stun::AttributeType;

void Server::handle_binding(const Request& request) {
  counters_.binding_requests.add();
  if (!within_budget(request)) {
    counters_.drop(DropReason::BudgetSpent);
    return;
  }
  bool knows_all = true;
  request.message.for_each([&](const stun::Attribute& attribute) {
    knows_all = knows_all && !stun::is_unknown_comprehension_required(attribute.type);
  });
  if (!knows_all) {
    answer_error(request, stun::ErrorCode::UnknownAttribute);
    return;
  }
  // XOR-MAPPED-ADDRESS and nothing else: no SOFTWARE, nothing to amplify.
  stun::MessageBuilder answer = begin_answer(request, stun::MessageClass::Success);
  answer.add_xor_address(AttributeType::XorMappedAddress, request.from.client);
  finish_answer(request, answer);
}

void Server::handle_classic_binding(const base::FiveTuple& from,
                                    const stun::MessageView& message,
                                    base::Now now) {
  if (message.method() != stun::Method::Binding ||
      message.message_class() != stun::MessageClass::Request) {
    counters_.drop(DropReason::NoMagicCookie);
    return;
  }
  counters_.binding_requests.add();
  if (!table_.find(from) &&
      !shared_.budget.take(
          from.client.ip, snapshot_->policy.unauthenticated_per_second, now.monotonic)) {
    counters_.drop(DropReason::BudgetSpent);
    return;
  }
  // RFC 5389 §12.2: the plain MAPPED-ADDRESS, under the 16-byte transaction id. CHANGE-REQUEST and
  // RESPONSE-ADDRESS would let an answer go where the request did not come from: never honoured.
  stun::MessageBuilder answer(answer_,
                              stun::MessageClass::Success,
                              stun::Method::Binding,
                              message.cookie_and_transaction_id());
  answer.add_mapped_address(from.client);
  outputs_.send_to_client(from, answer.finish());
}

}  // namespace turn
