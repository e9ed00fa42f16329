// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "net/tcp_stream.hpp"
#include "stun/stream_framer.hpp"

#include <memory>

namespace relay {

/// A client that came over TCP: frames in, frames out. RFC 8489 §6.2.2, RFC 8656 §12.5.
class StreamClient final : public net::TcpStream::Listener {
 public:
  class Owner {
   public:
    Owner() = default;
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    Owner(Owner&&) = delete;
    Owner& operator=(Owner&&) = delete;
    virtual ~Owner() = default;

    /// Bytes have come, frames may follow.
    virtual void on_stream_active(StreamClient& client) = 0;
    /// A whole frame; its bytes live until the call returns. The client must not be destroyed in
    /// it.
    virtual void on_stream_frame(StreamClient& client, base::Bytes frame) = 0;
    /// The stream ended or is not one of ours: destroy the client.
    virtual void on_stream_over(StreamClient& client) = 0;
  };

  StreamClient(net::Loop& loop,
               net::TcpListener& from,
               base::MutableBytes read_buffer,
               Owner& owner,
               base::Instant now);

  [[nodiscard]] bool is_connected() const { return stream_.is_connected(); }

  [[nodiscard]] const base::FiveTuple& five_tuple() const { return five_tuple_; }

  /// Queues a frame of two parts and its stream padding. False when the reader is too slow: the
  /// frame is dropped.
  [[nodiscard]] bool send(base::Bytes head, base::Bytes body);

  void flush() { stream_.flush(); }

  // What the sweep of idle and stalled streams looks at.
  base::Instant connected_at;
  base::Instant active_at;  ///< When a whole frame came last.
  bool has_spoken = false;  ///< A whole frame has come.
  std::optional<base::Instant> stalled_since;
  std::size_t queued_at_sweep = 0;
  bool is_dirty = false;  ///< Something was sent since the last flush.

  [[nodiscard]] std::size_t queued_bytes() const { return stream_.queued_bytes(); }

  void on_bytes(base::Bytes bytes) override;

  void on_closed() override { owner_.on_stream_over(*this); }

 private:
  Owner& owner_;
  stun::StreamFramer framer_;
  net::TcpStream stream_;
  base::FiveTuple five_tuple_;
};

}  // namespace relay
