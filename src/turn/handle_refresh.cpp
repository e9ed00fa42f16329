// SPDX-License-Identifier: Apache-2.0
#include "stun/attributes.hpp"
#include "turn/server.hpp"

// Refresh: RFC 8656 §8.2.

namespace turn {

using stun::AttributeType;
using stun::ErrorCode;

Server::Handled Server::handle_refresh(Request& request, stun::MessageBuilder& answer) {
  Allocation& allocation = *request.allocation;
  std::optional<base::Family> only;
  if (const auto attribute = request.message.find(AttributeType::RequestedAddressFamily)) {
    const auto asked = stun::parse_family(*attribute);
    if (!asked) {
      return base::failure(ErrorCode::BadRequest);
    }
    for (const base::Family family : {base::Family::IPv4, base::Family::IPv6}) {
      if (asked == static_cast<std::uint8_t>(family) && allocation.relay(family) != nullptr) {
        only = family;
      }
    }
    if (!only) {
      return base::failure(ErrorCode::PeerAddressFamilyMismatch);
    }
  }
  const auto lifetime = desired_lifetime(request);
  if (!lifetime) {
    return base::failure(lifetime.error());
  }
  const AllocationId id = *request.allocation_id;
  for (const base::Family family : {base::Family::IPv4, base::Family::IPv6}) {
    if (allocation.relay(family) == nullptr || (only && *only != family)) {
      continue;
    }
    if (lifetime->count() == 0) {
      remove_relay(id, family);
      allocation.forget_family(family);
    } else {
      allocation.relay(family)->expires = request.now.monotonic + *lifetime;
    }
  }
  if (!allocation.has_relay()) {
    remove_allocation(id, EndReason::Deleted, request.now);
    request.allocation = nullptr;
  } else {
    // A lifetime may become shorter than what the deadline queue waits for.
    wake_at(id, allocation.next_expiry());
  }
  answer.add_u32(AttributeType::Lifetime, static_cast<std::uint32_t>(lifetime->count()));
  return {};
}

}  // namespace turn
