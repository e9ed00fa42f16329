// SPDX-License-Identifier: Apache-2.0
#include "relay/stream_client.hpp"

#include "relay/classify.hpp"
#include "stun/types.hpp"

#include <array>

namespace relay {

StreamClient::StreamClient(net::Loop& loop,
                           net::TcpListener& from,
                           base::MutableBytes read_buffer,
                           Owner& owner,
                           base::Instant now)
    : connected_at(now),
      active_at(now),
      owner_(owner),
      stream_(loop, from, read_buffer, *this),
      five_tuple_{stream_.remote(), stream_.local(), base::Transport::Tcp} {}

bool StreamClient::send(base::Bytes head, base::Bytes body) {
  constexpr std::array<std::byte, 4> kPadding{};
  const std::size_t size = head.size() + body.size();
  const std::size_t padding = stun::padded(size) - size;
  if (!stream_.has_room(size + padding)) {
    return false;
  }
  stream_.write(head);
  stream_.write(body);
  stream_.write(base::Bytes(kPadding).first(padding));
  return true;
}

void StreamClient::on_bytes(base::Bytes bytes) {
  owner_.on_stream_active(*this);
  // Nobody has a channel before the first message: this is HTTP, whose "GET " would pass for a
  // channel's header.
  if (!has_spoken && !framer_.has_partial_frame() && classify(bytes) == Kind::ChannelData) {
    owner_.on_stream_over(*this);
    return;
  }
  framer_.feed(bytes);
  for (;;) {
    const auto frame = framer_.next();
    if (!frame) {
      owner_.on_stream_over(*this);
      return;
    }
    if (!*frame) {
      return;
    }
    has_spoken = true;
    owner_.on_stream_frame(*this, **frame);
  }
}

}  // namespace relay
