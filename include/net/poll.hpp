// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/fd.hpp"
#include "net/loop.hpp"
#include "net/uv_handle.hpp"

namespace net {

/// Watches a datagram socket for reading. libuv stops a handle on POLLERR (an ICMP error queued on
/// the socket does that); this one tells its listener and goes on watching, whatever happens.
class Poll {
 public:
  class Listener {
   public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    Listener(Listener&&) = delete;
    Listener& operator=(Listener&&) = delete;
    virtual ~Listener() = default;

    /// There is something to read.
    virtual void on_readable() = 0;
    /// The error queue or the pending error of the socket wants to be emptied, or it would call at
    /// once again.
    virtual void on_socket_error() = 0;
  };

  /// The descriptor and the listener must outlive the poll.
  Poll(Loop& loop, int fd, Listener& listener);

 private:
  static void on_event(uv_poll_t* poll, int status, int events);

  UvHandle<uv_poll_t> handle_;
};

}  // namespace net
