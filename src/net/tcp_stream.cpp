// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_stream.hpp"

#include "base/check.hpp"
#include "net/udp_socket.hpp"

#include <sys/socket.h>

namespace net {
namespace {

constexpr int kBacklog = 1024;

uv_stream_t* stream_of(uv_tcp_t* tcp) {
  return reinterpret_cast<uv_stream_t*>(tcp);
}

}  // namespace

TcpListener::TcpListener(Loop& loop, Fd fd, OnConnection on_connection)
    : loop_(loop),
      on_connection_(std::move(on_connection)),
      address_(local_address(fd.get())),
      handle_(this) {
  CHECK(uv_tcp_init(loop.get(), handle_.get()) == 0);
  handle_.set_initialised();
  CHECK(uv_tcp_open(handle_.get(), fd.release()) == 0);
  CHECK(uv_listen(stream_of(handle_.get()), kBacklog, [](uv_stream_t* stream, int status) {
          auto* const self = static_cast<TcpListener*>(stream->data);
          // A connection that broke before it was taken, or no descriptor left: libuv takes the
          // next one.
          if (self != nullptr && status == 0) {
            self->on_connection_();
          }
        }) == 0);
}

void TcpListener::refuse() {
  UvHandle<uv_tcp_t> refused(nullptr);
  CHECK(uv_tcp_init(loop_.get(), refused.get()) == 0);
  refused.set_initialised();
  static_cast<void>(uv_accept(stream_of(handle_.get()), stream_of(refused.get())));
}

/// One write in flight; owns its bytes and outlives the stream if it must.
struct TcpStream::Write {
  uv_write_t request{};
  std::vector<std::byte> bytes;
};

TcpStream::TcpStream(Loop& loop,
                     TcpListener& from,
                     base::MutableBytes read_buffer,
                     Listener& listener)
    : read_buffer_(read_buffer), listener_(listener), handle_(this) {
  CHECK(uv_tcp_init(loop.get(), handle_.get()) == 0);
  handle_.set_initialised();
  if (uv_accept(stream_of(from.get()), stream_of(handle_.get())) != 0) {
    return;
  }
  sockaddr_storage remote{};
  int length = sizeof remote;
  uv_os_fd_t fd = -1;
  if (uv_tcp_getpeername(handle_.get(), reinterpret_cast<sockaddr*>(&remote), &length) != 0 ||
      uv_fileno(handle_.base(), &fd) != 0) {
    return;
  }
  const auto address =
      base::TransportAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&remote));
  if (!address) {
    return;
  }
  remote_ = *address;
  local_ = local_address(fd);
  static_cast<void>(uv_tcp_nodelay(handle_.get(), 1));
  is_connected_ = true;
  start_reading();
}

void TcpStream::start_reading() {
  const auto on_buffer = [](uv_handle_t* handle, std::size_t /*suggested*/, uv_buf_t* buffer) {
    auto* const self = static_cast<TcpStream*>(handle->data);
    *buffer = self == nullptr ? uv_buf_init(nullptr, 0)
                              : uv_buf_init(reinterpret_cast<char*>(self->read_buffer_.data()),
                                            static_cast<unsigned>(self->read_buffer_.size()));
  };
  const auto on_read = [](uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
    auto* const self = static_cast<TcpStream*>(stream->data);
    if (self == nullptr || count == 0) {
      return;
    }
    if (count < 0) {
      self->listener_.on_closed();
      return;
    }
    self->listener_.on_bytes(base::bytes_of({buffer->base, static_cast<std::size_t>(count)}));
  };
  is_connected_ = uv_read_start(stream_of(handle_.get()), on_buffer, on_read) == 0;
}

void TcpStream::write(base::Bytes bytes) {
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
}

void TcpStream::flush() {
  // While a write is in flight the rest waits behind it, or order would break.
  if (pending_.empty() || is_writing_) {
    return;
  }
  uv_buf_t buffer =
      uv_buf_init(reinterpret_cast<char*>(pending_.data()), static_cast<unsigned>(pending_.size()));
  const int written = uv_try_write(stream_of(handle_.get()), &buffer, 1);
  const std::size_t taken = written > 0 ? static_cast<std::size_t>(written) : 0;
  if (taken == pending_.size()) {
    pending_.clear();
    return;
  }
  auto write = std::make_unique<Write>();
  write->bytes.assign(pending_.begin() + static_cast<std::ptrdiff_t>(taken), pending_.end());
  pending_.clear();
  pending_.shrink_to_fit();
  is_writing_ = true;
  buffer = uv_buf_init(reinterpret_cast<char*>(write->bytes.data()),
                       static_cast<unsigned>(write->bytes.size()));
  write->request.data = write.get();
  const int queued = uv_write(
      &write->request, stream_of(handle_.get()), &buffer, 1, [](uv_write_t* request, int status) {
        const std::unique_ptr<Write> done(static_cast<Write*>(request->data));
        auto* const self = static_cast<TcpStream*>(request->handle->data);
        if (self != nullptr) {
          self->on_written(status);
        }
      });
  if (queued == 0) {
    static_cast<void>(write.release());
  } else {
    is_writing_ = false;  // Broken: reading will tell.
  }
}

void TcpStream::on_written(int status) {
  is_writing_ = false;
  if (status == 0) {
    flush();
  }
}

}  // namespace net
