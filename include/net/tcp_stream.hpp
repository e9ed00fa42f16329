// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/fd.hpp"
#include "net/loop.hpp"
#include "net/uv_handle.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace net {

/// Accepts TCP connections on a socket that is bound and listening.
class TcpListener {
 public:
  using OnConnection = std::function<void()>;

  /// `on_connection` must accept(), by making a TcpStream, or refuse().
  TcpListener(Loop& loop, Fd fd, OnConnection on_connection);

  [[nodiscard]] uv_tcp_t* get() { return handle_.get(); }

  [[nodiscard]] const base::TransportAddress& address() const { return address_; }

  /// Takes the waiting connection and closes it.
  void refuse();

 private:
  Loop& loop_;
  OnConnection on_connection_;
  base::TransportAddress address_;
  UvHandle<uv_tcp_t> handle_;
};

/// One accepted connection. What is written is gathered and leaves with flush(), in one system
/// call; what the kernel does not take waits, up to a limit.
class TcpStream {
 public:
  class Listener {
   public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    Listener(Listener&&) = delete;
    Listener& operator=(Listener&&) = delete;
    virtual ~Listener() = default;

    /// Bytes have come; they live until the call returns. The listener may destroy the stream.
    virtual void on_bytes(base::Bytes bytes) = 0;
    /// The peer closed or the connection broke. The listener should destroy the stream.
    virtual void on_closed() = 0;
  };

  /// Bytes that may wait for a slow reader, whatever they are.
  static constexpr std::size_t kQueueBytesMax = 256 * 1024;

  /// Takes the waiting connection of `from`. `read_buffer` is shared by the streams of a worker.
  /// `listener` must outlive the stream.
  TcpStream(Loop& loop, TcpListener& from, base::MutableBytes read_buffer, Listener& listener);

  /// Both ends; nothing when the connection is gone already.
  [[nodiscard]] bool is_connected() const { return is_connected_; }

  [[nodiscard]] const base::TransportAddress& remote() const { return remote_; }

  [[nodiscard]] const base::TransportAddress& local() const { return local_; }

  /// Whether `size` more bytes may be queued.
  [[nodiscard]] bool has_room(std::size_t size) const {
    return queued_bytes() + size <= kQueueBytesMax;
  }

  /// Appends to what flush() sends. Ask has_room() first.
  void write(base::Bytes bytes);
  /// Hands what was written to the kernel.
  void flush();

  /// Bytes that the kernel has not taken: shrinks as a slow reader reads.
  [[nodiscard]] std::size_t queued_bytes() const {
    return pending_.size() +
           uv_stream_get_write_queue_size(reinterpret_cast<const uv_stream_t*>(handle_.get()));
  }

 private:
  struct Write;

  void start_reading();
  void on_written(int status);

  base::MutableBytes read_buffer_;
  Listener& listener_;
  base::TransportAddress remote_;
  base::TransportAddress local_;
  std::vector<std::byte> pending_;
  bool is_writing_ = false;
  bool is_connected_ = false;
  UvHandle<uv_tcp_t> handle_;
};

}  // namespace net
