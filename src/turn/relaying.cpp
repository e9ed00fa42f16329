// SPDX-License-Identifier: Apache-2.0
#include "base/check.hpp"
#include "stun/attributes.hpp"
#include "turn/server.hpp"

// The fast path: where a datagram goes. Nothing here allocates, logs or reads a clock.

namespace turn {

using stun::AttributeType;

namespace {

/// RFC 8656 §13: where IPv6 takes part the attribute is ignored between datagrams; §15: not behind
/// a stream.
bool heeds_dont_fragment(const base::FiveTuple& client, const base::IpAddress& peer) {
  return client.transport == base::Transport::Tcp || (client.client.ip.is_ipv4() && peer.is_ipv4());
}

}  // namespace

std::optional<ToPeer> Server::on_channel_data(AllocationId client, stun::ChannelNumber number) {
  Allocation* const allocation = table_.get(client);
  Channel* const channel = allocation != nullptr ? allocation->find_channel(number) : nullptr;
  if (channel == nullptr) {
    counters_.drop(DropReason::ChannelUnbound);
    return std::nullopt;
  }
  if (!channel->is_permitted) {
    counters_.drop(DropReason::NoPermission);
    return std::nullopt;
  }
  return ToPeer{{client, channel->peer.ip.family()}, channel->peer, channel->is_own_relayed};
}

std::optional<SendIndication> Server::on_send_indication(AllocationId client,
                                                         const stun::MessageView& message) {
  Allocation* const allocation = table_.get(client);
  SendIndication indication;
  std::optional<base::TransportAddress> peer;
  bool has_data = false;
  bool knows_all = true;
  message.for_each([&](const stun::Attribute& attribute) {
    switch (attribute.type) {
      case AttributeType::XorPeerAddress:
        // The first one counts: a second must not slip past the judge.
        if (!peer) {
          peer = stun::parse_xor_address(attribute.value, message.transaction_id());
          knows_all = knows_all && peer.has_value();
        }
        break;
      case AttributeType::Data:
        indication.data = has_data ? indication.data : attribute.value;
        has_data = true;
        break;
      case AttributeType::DontFragment:
        indication.dont_fragment = true;
        break;
      default:
        knows_all = knows_all && !stun::is_unknown_comprehension_required(attribute.type);
    }
  });
  if (!knows_all || !peer || !has_data) {
    counters_.drop(DropReason::BadSendIndication);
    return std::nullopt;
  }
  const base::TransportAddress to = snapshot_->peers.canonical(*peer);
  const Permission* const permission =
      allocation != nullptr && allocation->relay(to.ip.family()) != nullptr
          ? allocation->find_permission(to.ip)
          : nullptr;
  if (permission == nullptr) {
    counters_.drop(DropReason::NoPermission);
    return std::nullopt;
  }
  // Only for our own addresses does the port matter to the judge; the rest was judged with the
  // permission.
  const PeerVerdict verdict =
      permission->is_own_relay ? snapshot_->peers.judge(to) : PeerVerdict::Allowed;
  if (verdict == PeerVerdict::Forbidden) {
    counters_.drop(DropReason::PeerForbidden);
    return std::nullopt;
  }
  indication.to = {{client, to.ip.family()}, to, verdict == PeerVerdict::OwnRelayed};
  indication.dont_fragment =
      indication.dont_fragment && heeds_dont_fragment(allocation->five_tuple, to.ip);
  return indication;
}

std::optional<ToClient> Server::on_peer_datagram(RelayId relay,
                                                 const base::TransportAddress& peer) {
  Allocation* const allocation = table_.get(relay.allocation);
  if (allocation == nullptr) {
    counters_.drop(DropReason::NoAllocation);
    return std::nullopt;
  }
  if (const Channel* channel = allocation->find_channel_to(peer);
      channel != nullptr && channel->is_permitted) {
    return ToClient{&allocation->five_tuple, channel->number};
  }
  if (allocation->find_permission(peer.ip) == nullptr) {
    counters_.drop(DropReason::NoPermission);
    return std::nullopt;
  }
  return ToClient{&allocation->five_tuple, std::nullopt};
}

void Server::count_to_peer(AllocationId client, std::uint64_t packets, std::uint64_t bytes) {
  counters_.packets_to_peer.add(packets);
  counters_.bytes_to_peer.add(bytes);
  Traffic& traffic = table_.get(client)->traffic;
  traffic.packets_to_peer += packets;
  traffic.bytes_to_peer += bytes;
}

void Server::count_to_client(AllocationId client, std::uint64_t packets, std::uint64_t bytes) {
  counters_.packets_to_client.add(packets);
  counters_.bytes_to_client.add(bytes);
  Traffic& traffic = table_.get(client)->traffic;
  traffic.packets_to_client += packets;
  traffic.bytes_to_client += bytes;
}

const base::FiveTuple* Server::client_of(RelayId relay) const {
  const Allocation* const allocation = table_.get(relay.allocation);
  return allocation == nullptr ? nullptr : &allocation->five_tuple;
}

const base::TransportAddress& Server::external_address(RelayId relay) const {
  const Allocation* const allocation = table_.get(relay.allocation);
  CHECK(allocation != nullptr && allocation->relay(relay.family) != nullptr);
  return allocation->relay(relay.family)->external;
}

void Server::on_icmp_error(RelayId relay, const IcmpError& error) {
  Allocation* const allocation = table_.get(relay.allocation);
  // RFC 8656 §11.5: the address that the datagram was sent to must have a permission; ports do not
  // count.
  if (allocation == nullptr || allocation->find_permission(error.peer.ip) == nullptr) {
    return;
  }
  stun::TransactionId id{};
  random_.fill(id);
  stun::MessageBuilder indication(answer_, stun::MessageClass::Indication, stun::Method::Data, id);
  indication.add_xor_address(AttributeType::XorPeerAddress, error.peer);
  // §18.13, figure 11: 16 reserved bits, a type of 7 bits, a code of 9, then the MTU or zero.
  std::array<std::byte, 8> icmp{};
  base::store_u16(icmp.data() + 2,
                  static_cast<std::uint16_t>(static_cast<unsigned>(error.type) << 9U | error.code));
  base::store_u32(icmp.data() + 4, error.mtu);
  indication.add(AttributeType::Icmp, icmp);
  outputs_.send_to_client(allocation->five_tuple, indication.finish());
}

}  // namespace turn
