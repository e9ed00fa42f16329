// SPDX-License-Identifier: Apache-2.0
#include "relay/forwarder.hpp"

#include "net/udp_socket.hpp"
#include "relay/scratch.hpp"
#include "stun/channel_data.hpp"
#include "stun/data_indication.hpp"

#include <algorithm>

namespace relay {
namespace {

// An IP packet's worth less the smaller IP header and the UDP header: more the kernel refuses by
// itself.
constexpr std::size_t kUdpPayloadMax = 65507;
// The largest thing ever put into scratch at once: a whole datagram and its header.
constexpr std::size_t kScratchReserve = 66 * 1024;

}  // namespace

Forwarder::Forwarder(const Parts& parts, std::vector<std::unique_ptr<UdpListener>>& listeners)
    : parts_(parts),
      listeners_(listeners),
      to_peers_(std::make_unique<net::TxBatch>(parts.syscalls)),
      scratch_(std::make_unique<Scratch>()) {}

Forwarder::~Forwarder() = default;

void Forwarder::make_room(const ClientPath& path) {
  // The payload at hand may be one that was kept, and keep() left it this much room: only who keeps
  // nothing flushes.
  if (!scratch_->has_room(kScratchReserve)) {
    flush();
  } else if (path.listener != nullptr && !path.listener->tx().has_room()) {
    send_all();
  }
}

void Forwarder::make_room_to_peers() {
  if (!to_peers_->has_room()) {
    send_all();
  }
}

base::MutableBytes Forwarder::keep(base::Bytes bytes) {
  // The one datagram that they may become must find room everywhere: a flush on its way would give
  // their place to others.
  const bool has_room = scratch_->has_room(bytes.size() + kScratchReserve) &&
                        to_peers_->has_room() &&
                        std::all_of(listeners_.begin(), listeners_.end(), [](const auto& listener) {
                          return listener->tx().has_room();
                        });
  if (!has_room) {
    flush();
  }
  const base::MutableBytes kept = scratch_->take(bytes.size());
  base::copy_bytes(kept, bytes);
  return kept;
}

void Forwarder::to_peer(const turn::ToPeer& to, base::MutableBytes payload, Room room) {
  if (payload.size() > kUdpPayloadMax) {
    parts_.counters.drop(turn::DropReason::TooLarge);
    return;
  }
  if (to.is_own_relayed) {
    const auto owner = parts_.ports.owner(to.peer);
    if (!owner) {
      parts_.counters.drop(turn::DropReason::NoAllocation);
      return;
    }
    parts_.server.count_to_peer(to.relay.allocation, 1, payload.size());
    if (*owner == parts_.worker) {
      to_relayed(to.peer, parts_.server.external_address(to.relay), payload, room);
    } else {
      hand_over(*owner, to, payload);
    }
    return;
  }
  make_room_to_peers();
  parts_.server.count_to_peer(to.relay.allocation, 1, payload.size());
  to_peers_->add(parts_.sockets.find(to.relay)->fd(), net::Destination(to.peer), {}, payload);
}

void Forwarder::to_peer_unfragmented(const turn::ToPeer& to,
                                     base::MutableBytes payload,
                                     Room room) {
  if (to.is_own_relayed) {
    to_peer(to, payload, room);
    return;
  }
  // The socket option holds for the socket: what is gathered goes first, without DF.
  send_all();
  const int fd = parts_.sockets.find(to.relay)->fd();
  net::set_dont_fragment(fd, to.relay.family, true);
  to_peer(to, payload, room);
  send_all();
  net::set_dont_fragment(fd, to.relay.family, false);
}

void Forwarder::to_relayed(const base::TransportAddress& relayed,
                           const base::TransportAddress& source,
                           base::MutableBytes payload,
                           Room room) {
  const auto id = parts_.server.find_relayed(relayed);
  if (!id) {
    parts_.counters.drop(turn::DropReason::NoAllocation);
    return;
  }
  if (const auto how = parts_.server.on_peer_datagram(*id, source)) {
    to_client(*parts_.sockets.find(*id), *how, source, payload, room);
  }
}

void Forwarder::to_client(const RelaySocket& socket,
                          const turn::ToClient& how,
                          const base::TransportAddress& peer,
                          base::MutableBytes payload,
                          Room room) {
  if (payload.size() > kUdpPayloadMax - stun::kDataIndicationHeaderMax - 3) {
    parts_.counters.drop(turn::DropReason::TooLarge);
    return;
  }
  const ClientPath& path = socket.path();
  make_room(path);
  parts_.server.count_to_client(socket.id().allocation, 1, payload.size());
  if (how.channel) {
    wrap_channel_data(path, *how.channel, payload, room);
  } else {
    wrap_data_indication(path, peer, payload, room);
  }
}

base::MutableBytes Forwarder::head_space(base::MutableBytes payload, Room room, std::size_t size) {
  return room.in_front ? base::MutableBytes(payload.data() - size, size) : scratch_->take(size);
}

void Forwarder::wrap_channel_data(const ClientPath& path,
                                  stun::ChannelNumber number,
                                  base::MutableBytes payload,
                                  Room room) {
  const base::MutableBytes head = head_space(payload, room, stun::kChannelDataHeaderSize);
  stun::write_channel_data_header(head.data(), number, payload.size());
  send(path, head, payload);
}

void Forwarder::wrap_data_indication(const ClientPath& path,
                                     const base::TransportAddress& peer,
                                     base::MutableBytes payload,
                                     Room room) {
  const base::MutableBytes head = scratch_->take(stun::kDataIndicationHeaderMax);
  stun::TransactionId id{};
  parts_.random.fill(id);
  const std::size_t head_size = stun::write_data_indication_header(head, id, peer, payload.size());
  const std::size_t padding = stun::padded(payload.size()) - payload.size();
  base::MutableBytes body = payload;
  if (padding != 0) {
    if (!room.behind) {
      body = scratch_->take(payload.size() + padding);
      base::copy_bytes(body, payload);
    } else {
      body = base::MutableBytes(payload.data(), payload.size() + padding);
    }
    std::fill(body.begin() + static_cast<std::ptrdiff_t>(payload.size()), body.end(), std::byte{0});
  }
  send(path, head.first(head_size), body);
}

void Forwarder::send(const ClientPath& path, base::Bytes head, base::Bytes body) {
  if (path.listener != nullptr) {
    path.listener->tx().add(path.listener->fd(), path.to, head, body);
    return;
  }
  if (!path.stream->send(head, body)) {
    parts_.counters.drop(turn::DropReason::QueueFull);
    return;
  }
  if (!path.stream->is_dirty) {
    path.stream->is_dirty = true;
    dirty_streams_.push_back(path.stream);
  }
}

void Forwarder::message(const ClientPath& path, base::Bytes message) {
  make_room(path);
  const base::MutableBytes kept = scratch_->take(message.size());
  base::copy_bytes(kept, message);
  send(path, {}, kept);
}

void Forwarder::hand_over(turn::WorkerIndex to, const turn::ToPeer& route, base::Bytes payload) {
  if (to >= to_workers_.size()) {
    to_workers_.resize(to + 1U);
  }
  RelayedBatch& batch = to_workers_[to];
  batch.entries.push_back({route.peer,
                           parts_.server.external_address(route.relay),
                           batch.bytes.size(),
                           payload.size()});
  batch.bytes.insert(batch.bytes.end(), payload.begin(), payload.end());
}

void Forwarder::count_losses(const net::TxBatch::Losses& losses) {
  if (losses.datagrams != 0) {
    parts_.counters.drop(turn::DropReason::SendFailed, losses.datagrams);
  }
}

void Forwarder::flush() {
  send_all();
  scratch_->clear();
}

void Forwarder::send_all() {
  if (!to_peers_->is_empty()) {
    count_losses(to_peers_->flush());
  }
  for (const auto& listener : listeners_) {
    if (!listener->tx().is_empty()) {
      count_losses(listener->tx().flush());
    }
  }
  for (StreamClient* stream : dirty_streams_) {
    stream->is_dirty = false;
    stream->flush();
  }
  dirty_streams_.clear();
  for (std::size_t to = 0; to < to_workers_.size(); ++to) {
    const std::size_t count = to_workers_[to].entries.size();
    if (count != 0 && !parts_.neighbours.hand_over(static_cast<turn::WorkerIndex>(to),
                                                   std::exchange(to_workers_[to], {}))) {
      parts_.counters.drop(turn::DropReason::QueueFull, count);
    }
  }
}

void Forwarder::forget(StreamClient& stream) {
  std::erase(dirty_streams_, &stream);
}

}  // namespace relay
