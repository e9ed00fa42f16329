// SPDX-License-Identifier: Apache-2.0
#include "stun/attributes.hpp"
#include "turn/server.hpp"

// ChannelBind: RFC 8656 §12.2.

namespace turn {

using stun::AttributeType;
using stun::ErrorCode;

Server::Handled Server::handle_channel_bind(Request& request) {
  Allocation& allocation = *request.allocation;
  const auto number_value = request.message.find(AttributeType::ChannelNumber);
  const auto peer_value = request.message.find(AttributeType::XorPeerAddress);
  const auto number_read = number_value ? stun::parse_channel_number(*number_value) : std::nullopt;
  const auto peer_read =
      peer_value ? stun::parse_xor_address(*peer_value, request.message.transaction_id())
                 : std::nullopt;
  if (!number_read || !peer_read) {
    return base::failure(ErrorCode::BadRequest);
  }
  const stun::ChannelNumber number{*number_read};
  const base::TransportAddress peer = snapshot_->peers.canonical(*peer_read);
  if (number < stun::kChannelNumberMin || number > stun::kChannelNumberMax) {
    return base::failure(ErrorCode::BadRequest);
  }
  Channel* const channel = allocation.find_channel(number);
  if ((channel != nullptr && channel->peer != peer) ||
      (channel == nullptr && allocation.find_channel_to(peer) != nullptr)) {
    return base::failure(ErrorCode::BadRequest);
  }
  if (allocation.relay(peer.ip.family()) == nullptr) {
    return base::failure(ErrorCode::PeerAddressFamilyMismatch);
  }
  const PeerVerdict verdict = snapshot_->peers.judge(peer);
  if (verdict == PeerVerdict::Forbidden) {
    return base::failure(ErrorCode::Forbidden);
  }
  const Policy& policy = snapshot_->policy;
  if ((channel == nullptr && allocation.channels.size() >= policy.channels_per_allocation) ||
      (allocation.find_permission(peer.ip) == nullptr &&
       allocation.permissions.size() >= policy.permissions_per_allocation)) {
    return base::failure(ErrorCode::InsufficientCapacity);
  }
  const base::Instant now = request.now.monotonic;
  if (channel != nullptr) {
    channel->expires = now + kChannelLifetime;
  } else {
    allocation.channels.add(
        {number, peer, now + kChannelLifetime, true, verdict == PeerVerdict::OwnRelayed});
  }
  allocation.install_permission(
      peer.ip,
      snapshot_->peers.judge_permission(peer.ip) == PeerVerdict::OwnRelayed,
      now + kPermissionLifetime);
  wake_at(*request.allocation_id, now + kPermissionLifetime);
  return {};
}

}  // namespace turn
