// SPDX-License-Identifier: Apache-2.0
#include "stun/attributes.hpp"
#include "turn/server.hpp"

#include <algorithm>

// CreatePermission: RFC 8656 §10.2. All of a request's addresses get a permission or none does.

namespace turn {

using stun::AttributeType;
using stun::ErrorCode;

Server::Handled Server::handle_create_permission(Request& request) {
  Allocation& allocation = *request.allocation;
  const std::size_t count_max = snapshot_->policy.permissions_per_allocation;
  const stun::TransactionId id = request.message.transaction_id();
  bool is_valid = true;
  bool is_right_family = true;
  bool is_allowed = true;
  std::vector<base::IpAddress> wanted;  // Distinct, and at most one more than may be.
  const auto want = [&](const base::IpAddress& ip) {
    if (wanted.size() <= count_max && std::find(wanted.begin(), wanted.end(), ip) == wanted.end()) {
      wanted.push_back(ip);
    }
  };
  request.message.for_each([&](const stun::Attribute& attribute) {
    if (attribute.type != AttributeType::XorPeerAddress) {
      return;
    }
    const auto peer = stun::parse_xor_address(attribute.value, id);
    if (!peer) {
      is_valid = false;
      return;
    }
    is_right_family = is_right_family && allocation.relay(peer->ip.family()) != nullptr;
    const PeerVerdict verdict = snapshot_->peers.judge_permission(peer->ip);
    is_allowed = is_allowed && verdict != PeerVerdict::Forbidden;
    want(peer->ip);
    // Behind 1:1 NAT the peer may be known by either address.
    want(snapshot_->peers.canonical_ip(peer->ip));
  });
  if (!is_valid || wanted.empty()) {
    return base::failure(ErrorCode::BadRequest);
  }
  if (!is_right_family) {
    return base::failure(ErrorCode::PeerAddressFamilyMismatch);
  }
  if (!is_allowed) {
    return base::failure(ErrorCode::Forbidden);
  }
  const auto fresh = static_cast<std::size_t>(
      std::count_if(wanted.begin(), wanted.end(), [&](const base::IpAddress& ip) {
        return allocation.find_permission(ip) == nullptr;
      }));
  if (allocation.permissions.size() + fresh > count_max) {
    return base::failure(ErrorCode::InsufficientCapacity);
  }
  const base::Instant expires = request.now.monotonic + kPermissionLifetime;
  for (const base::IpAddress& ip : wanted) {
    allocation.install_permission(
        ip, snapshot_->peers.judge_permission(ip) == PeerVerdict::OwnRelayed, expires);
  }
  wake_at(*request.allocation_id, expires);
  return {};
}

}  // namespace turn
