// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "load/descriptor.hpp"

#include <array>
#include <span>

#include <sys/epoll.h>

namespace load {

/// The monotonic clock, in nanoseconds.
[[nodiscard]] std::int64_t now();

/// Whose socket became ready.
enum class Side : std::uint8_t { Client, Peer };

/// What epoll hands back for a socket.
struct Tag {
  Side side = Side::Client;
  std::uint32_t index = 0;
};

/// Level-triggered epoll with deadlines finer than its milliseconds.
class Poller {
 public:
  Poller();

  void add(int fd, Tag tag);
  /// Asks to be told when `fd` can be written to as well, or no more.
  enum class Interest : std::uint8_t { Read, ReadAndWrite };
  void change(int fd, Tag tag, Interest interest);

  /// Waits at most `timeout` nanoseconds, not at all for 0.
  [[nodiscard]] std::span<const epoll_event> wait(std::int64_t timeout);
  [[nodiscard]] static Tag tag_of(const epoll_event& event);

 private:
  Descriptor epoll_;
  std::array<epoll_event, 256> events_{};
};

}  // namespace load
