// SPDX-License-Identifier: Apache-2.0
#include "turn/counters.hpp"

namespace turn {

std::string_view to_text(DropReason reason) {
  switch (reason) {
    case DropReason::TooShort:
      return "too_short";
    case DropReason::NotStun:
      return "not_stun";
    case DropReason::NoMagicCookie:
      return "no_magic_cookie";
    case DropReason::BadLength:
      return "bad_length";
    case DropReason::BadAttribute:
      return "bad_attribute";
    case DropReason::BadFingerprint:
      return "bad_fingerprint";
    case DropReason::NotARequest:
      return "not_a_request";
    case DropReason::UnknownMethod:
      return "unknown_method";
    case DropReason::UnknownAttribute:
      return "unknown_attribute";
    case DropReason::BadChannelData:
      return "bad_channel_data";
    case DropReason::BadSendIndication:
      return "bad_send_indication";
    case DropReason::NoAllocation:
      return "no_allocation";
    case DropReason::ChannelUnbound:
      return "channel_unbound";
    case DropReason::NoPermission:
      return "no_permission";
    case DropReason::PeerForbidden:
      return "peer_forbidden";
    case DropReason::BudgetSpent:
      return "budget_spent";
    case DropReason::ChallengeTooLarge:
      return "challenge_too_large";
    case DropReason::SendFailed:
      return "send_failed";
    case DropReason::QueueFull:
      return "queue_full";
    case DropReason::TooLarge:
      return "too_large";
    case DropReason::Count:
      break;
  }
  return "?";
}

}  // namespace turn
