// SPDX-License-Identifier: Apache-2.0
#include "relay/streams.hpp"

namespace relay {
namespace {

constexpr std::size_t kReadBufferSize = 64 * 1024;

}  // namespace

Streams::Streams(net::Loop& loop, turn::Server& server, Forwarder& forwarder, Intake& intake)
    : loop_(loop), server_(server), forwarder_(forwarder), intake_(intake) {}

void Streams::listen(net::Fd fd) {
  read_buffer_.resize(kReadBufferSize);
  // The listener is known to its own callback by place: the vector may grow.
  const std::size_t place = listeners_.size();
  listeners_.push_back(std::make_unique<net::TcpListener>(
      loop_, std::move(fd), [this, place] { take_connection(*listeners_[place]); }));
}

void Streams::take_connection(net::TcpListener& listener) {
  intake_.begin_turn();
  if (clients_.size() >= kStreamsMax) {
    listener.refuse();
    return;
  }
  auto client =
      std::make_unique<StreamClient>(loop_, listener, read_buffer_, *this, intake_.now().monotonic);
  if (!client->is_connected()) {
    return;
  }
  std::size_t& count = per_address_[client->five_tuple().client.ip];
  if (count >= kStreamsPerAddressMax) {
    return;
  }
  ++count;
  StreamClient* const key = client.get();
  clients_.emplace(key, std::move(client));
}

void Streams::on_stream_active(StreamClient& /*client*/) {
  intake_.begin_turn();
}

void Streams::on_stream_frame(StreamClient& client, base::Bytes frame) {
  intake_.on_stream_frame(client, frame);
}

void Streams::on_stream_over(StreamClient& client) {
  intake_.begin_turn();
  close(client);
}

void Streams::close(StreamClient& client) {
  server_.on_client_gone(client.five_tuple(), intake_.now());
  forwarder_.forget(client);
  const auto address = per_address_.find(client.five_tuple().client.ip);
  if (--address->second == 0) {
    per_address_.erase(address);
  }
  clients_.erase(&client);
}

bool Streams::is_overdue(StreamClient& client, base::Instant now) const {
  if (!client.has_spoken) {
    return now - client.connected_at >= kFirstFrameDeadline;
  }
  const std::size_t queued = client.queued_bytes();
  if (queued == 0 || queued < client.queued_at_sweep) {
    client.stalled_since.reset();
  } else if (!client.stalled_since) {
    client.stalled_since = now;
  }
  client.queued_at_sweep = queued;
  if (client.stalled_since && now - *client.stalled_since >= kStallDeadline) {
    return true;
  }
  return now - client.active_at >= kIdleWithoutAllocation &&
         !server_.find_client(client.five_tuple());
}

void Streams::sweep() {
  std::vector<StreamClient*> overdue;
  for (const auto& [client, owned] : clients_) {
    if (is_overdue(*client, intake_.now().monotonic)) {
      overdue.push_back(client);
    }
  }
  for (StreamClient* client : overdue) {
    close(*client);
  }
}

void Streams::close_all() {
  listeners_.clear();
  for (const auto& [client, owned] : clients_) {
    forwarder_.forget(*client);
  }
  clients_.clear();
  per_address_.clear();
}

}  // namespace relay
