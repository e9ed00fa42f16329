// SPDX-License-Identifier: Apache-2.0
#include "relay/intake.hpp"

#include "net/udp_socket.hpp"
#include "relay/classify.hpp"

namespace relay {
namespace {

constexpr unsigned kListenerBatch = net::RxArena::kSlots;
constexpr unsigned kErrorsPerTurn = 16;

}  // namespace

struct Intake::Client {
  const base::FiveTuple& five_tuple;
  const ClientPath& path;
  std::optional<turn::AllocationId> allocation;
  bool is_looked_up = false;
  std::optional<turn::ToPeer> route;  ///< Of `channel`.
  stun::ChannelNumber channel;

  void forget() {
    is_looked_up = false;
    route.reset();
  }
};

void Intake::begin_turn() {
  if (has_begun_) {
    return;
  }
  has_begun_ = true;
  now_ = net::read_clocks();
  parts_.gather.on_turn(now_.monotonic);
  const auto due = parts_.server.next_deadline();
  if (due && *due <= now_.monotonic) {
    parts_.server.on_deadline(now_);
  }
}

void Intake::end_turn() {
  parts_.forwarder.flush();
  arena_.clear();
  has_begun_ = false;
  has_received_ = false;
}

void Intake::on_listener_readable(UdpListener& listener) {
  begin_turn();
  if (arena_.free_slots() < kListenerBatch) {
    parts_.forwarder.flush();
    arena_.clear();
  }
  for (const net::Received& received :
       arena_.receive(listener.fd(), kListenerBatch, parts_.syscalls)) {
    on_client_train(listener, received);
  }
}

void Intake::on_client_train(UdpListener& listener, const net::Received& received) {
  has_received_ = true;
  const base::FiveTuple five_tuple{
      received.from, listener.server_address(received.to), base::Transport::Udp};
  const ClientPath path{
      &listener,
      net::Destination(received.from, listener.is_wildcard() ? received.to : std::nullopt),
      nullptr};
  Client client{five_tuple, path, std::nullopt, false, std::nullopt, {}};
  if (received.bytes.empty()) {
    parts_.counters.drop(turn::DropReason::TooShort);
    return;
  }
  std::uint64_t count = 0;
  for (std::size_t offset = 0; offset < received.bytes.size(); offset += received.segment_size) {
    const std::size_t size = std::min(received.segment_size, received.bytes.size() - offset);
    // A header of a datagram that is done with is room for the next one's; behind the last there is
    // tailroom.
    on_client_datagram(client,
                       received.bytes.subspan(offset, size),
                       {true, offset + size == received.bytes.size()});
    ++count;
  }
  parts_.gather.on_datagrams(count);
}

void Intake::on_client_datagram(Client& client, base::MutableBytes datagram, Room room) {
  switch (classify(datagram)) {
    case Kind::ChannelData:
      on_channel_data(client, datagram, room);
      return;
    case Kind::Stun:
      on_stun(client, datagram, room);
      return;
    case Kind::Dtls:
    case Kind::Other:
      parts_.counters.drop(turn::DropReason::NotStun);
      return;
  }
}

void Intake::on_channel_data(Client& client, base::MutableBytes datagram, Room room) {
  const auto frame = stun::ChannelDataView::parse(datagram);
  if (!frame) {
    parts_.counters.drop(turn::DropReason::BadChannelData);
    return;
  }
  if (!client.is_looked_up) {
    client.allocation = parts_.server.find_client(client.five_tuple);
    client.is_looked_up = true;
  }
  if (!client.allocation) {
    parts_.counters.drop(turn::DropReason::NoAllocation);
    return;
  }
  if (!client.route || client.channel != frame->number) {
    client.route = parts_.server.on_channel_data(*client.allocation, frame->number);
    client.channel = frame->number;
    if (!client.route) {
      return;
    }
  }
  const base::MutableBytes payload =
      datagram.subspan(stun::kChannelDataHeaderSize, frame->data.size());
  // Padding may follow the data, or another datagram of the train.
  room.behind = room.behind && datagram.size() == stun::kChannelDataHeaderSize + frame->data.size();
  parts_.forwarder.to_peer(*client.route, payload, room);
}

void Intake::on_stun(Client& client, base::MutableBytes datagram, Room room) {
  const auto message = stun::MessageView::parse(datagram);
  if (message && message->method() == stun::Method::Send &&
      message->message_class() == stun::MessageClass::Indication) {
    on_send_indication(client, *message, datagram, room);
    return;
  }
  parts_.executor.set_client(client.five_tuple, client.path);
  if (message) {
    parts_.server.on_message(client.five_tuple, *message, now_);
  } else {
    parts_.server.on_unparsed(client.five_tuple, datagram, message.error(), now_);
  }
  client.forget();
}

void Intake::on_send_indication(Client& client,
                                const stun::MessageView& message,
                                base::MutableBytes datagram,
                                Room /*room*/) {
  if (!client.is_looked_up) {
    client.allocation = parts_.server.find_client(client.five_tuple);
    client.is_looked_up = true;
  }
  if (!client.allocation) {
    parts_.counters.drop(turn::DropReason::NoAllocation);
    return;
  }
  const auto indication = parts_.server.on_send_indication(*client.allocation, message);
  if (!indication) {
    return;
  }
  // The data is a part of the datagram, which is ours to write into.
  const auto offset = static_cast<std::size_t>(indication->data.data() - datagram.data());
  const base::MutableBytes payload = datagram.subspan(offset, indication->data.size());
  const Room room{true, false};
  if (indication->dont_fragment) {
    parts_.forwarder.to_peer_unfragmented(indication->to, payload, room);
  } else {
    parts_.forwarder.to_peer(indication->to, payload, room);
  }
}

void Intake::on_relay_readable(RelaySocket& socket) {
  const turn::RelayId id = socket.id();
  begin_turn();
  if (parts_.sockets.find(id) != &socket) {
    return;  // Its allocation expired as the turn began.
  }
  if (arena_.free_slots() < socket.batch()) {
    parts_.forwarder.flush();
    arena_.clear();
  }
  const auto trains = arena_.receive(socket.fd(), socket.batch(), parts_.syscalls);
  socket.learn_batch(trains.size());
  for (const net::Received& received : trains) {
    on_peer_train(socket, received);
  }
}

void Intake::on_peer_train(RelaySocket& socket, const net::Received& received) {
  has_received_ = true;
  const auto how = parts_.server.on_peer_datagram(socket.id(), received.from);
  if (!how) {
    // The rest of a train is dropped for the same reason, and counted as what it is.
    for (std::size_t offset = received.segment_size; offset < received.bytes.size();
         offset += received.segment_size) {
      static_cast<void>(parts_.server.on_peer_datagram(socket.id(), received.from));
    }
    return;
  }
  if (received.bytes.empty()) {
    // An empty datagram is one all the same: RFC 8656 §12.6 relays those too.
    parts_.gather.on_datagrams(1);
    parts_.forwarder.to_client(socket, *how, received.from, received.bytes, {true, true});
    return;
  }
  std::uint64_t count = 0;
  for (std::size_t offset = 0; offset < received.bytes.size(); offset += received.segment_size) {
    const std::size_t size = std::min(received.segment_size, received.bytes.size() - offset);
    // Only the first has room in front; in front of the others stand the bytes of the one before.
    parts_.forwarder.to_client(socket,
                               *how,
                               received.from,
                               received.bytes.subspan(offset, size),
                               {offset == 0, offset + size == received.bytes.size()});
    ++count;
  }
  parts_.gather.on_datagrams(count);
}

void Intake::on_relay_error(RelaySocket& socket) {
  const turn::RelayId id = socket.id();
  begin_turn();
  for (unsigned i = 0; i < kErrorsPerTurn && parts_.sockets.find(id) == &socket; ++i) {
    const auto error = net::take_socket_error(socket.fd());
    if (!error) {
      return;
    }
    const bool ipv4 = id.family == base::Family::IPv4;
    // RFC 8656 §11.5: unreachable and time exceeded; for IPv6 "too big" too.
    const bool is_told = error->is_icmp && (ipv4 ? error->type == 3 || error->type == 11
                                                 : error->type >= 1 && error->type <= 3);
    if (!is_told) {
      continue;
    }
    const bool has_mtu = ipv4 ? error->type == 3 && error->code == 4 : error->type == 2;
    const base::FiveTuple* client = parts_.server.client_of(id);
    if (client != nullptr) {
      parts_.executor.set_client(*client, socket.path());
      parts_.server.on_icmp_error(
          id, {error->destination, error->type, error->code, has_mtu ? error->info : 0U});
    }
  }
}

void Intake::on_stream_frame(StreamClient& client, base::Bytes frame) {
  const ClientPath path{nullptr, {}, &client};
  Client context{client.five_tuple(), path, std::nullopt, false, std::nullopt, {}};
  client.active_at = now_.monotonic;
  // The frame's bytes go when the stream is read on, and are not ours to write into.
  on_client_datagram(context, parts_.forwarder.keep(frame), {true, false});
}

void Intake::on_relayed_batch(RelayedBatch& batch) {
  begin_turn();
  for (const RelayedBatch::Entry& entry : batch.entries) {
    parts_.forwarder.to_relayed(entry.relayed,
                                entry.source,
                                base::MutableBytes(batch.bytes).subspan(entry.offset, entry.size),
                                {});
  }
  // The batch is freed when this returns.
  parts_.forwarder.flush();
}

}  // namespace relay
