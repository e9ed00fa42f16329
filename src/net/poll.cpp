// SPDX-License-Identifier: Apache-2.0
#include "net/poll.hpp"

#include "base/check.hpp"

namespace net {

Poll::Poll(Loop& loop, int fd, Listener& listener) : handle_(&listener) {
  CHECK(uv_poll_init(loop.get(), handle_.get(), fd) == 0);
  handle_.set_initialised();
  CHECK(uv_poll_start(handle_.get(), UV_READABLE, on_event) == 0);
}

void Poll::on_event(uv_poll_t* poll, int status, int events) {
  auto* const listener = static_cast<Listener*>(poll->data);
  if (listener == nullptr) {
    return;
  }
  if (status < 0) {
    // libuv has stopped the handle. The listener may close it, which clears `data`.
    listener->on_socket_error();
    if (poll->data != nullptr) {
      CHECK(uv_poll_start(poll, UV_READABLE, on_event) == 0);
    }
    return;
  }
  if ((events & UV_READABLE) != 0) {
    listener->on_readable();
  }
}

}  // namespace net
