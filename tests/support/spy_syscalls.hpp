// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/syscalls.hpp"

#include <deque>
#include <string>
#include <vector>

namespace support {

/// The kernel's calls with an ear in between: sends are written down, and any call can be made to
/// fail. One at a time: the table has no room for whose it is.
class SpySyscalls {
 public:
  enum class Sends : std::uint8_t { Real, Pretended };

  explicit SpySyscalls(Sends sends = Sends::Real);
  SpySyscalls(const SpySyscalls&) = delete;
  SpySyscalls& operator=(const SpySyscalls&) = delete;
  SpySyscalls(SpySyscalls&&) = delete;
  SpySyscalls& operator=(SpySyscalls&&) = delete;
  ~SpySyscalls();

  [[nodiscard]] static const net::Syscalls& table();

  /// The n-th call from here on fails with `error`, n from 1.
  void fail_nth(unsigned nth, int error);

  /// Whether that call has come.
  [[nodiscard]] bool has_failed() const { return nth_ == 0; }

  /// What the next calls of sendmsg and sendmmsg do, one entry a call; without one they succeed.
  /// `sent` messages of a sendmmsg go, or, if it is 0, the call fails with `error`.
  struct SendResult {
    int error = 0;
    unsigned sent = 0;
  };

  void script(std::deque<SendResult> results) { script_ = std::move(results); }

  /// The sends since the last call, a line each: "one #5 127.0.0.1:7000 300 by 100" for a sendmsg
  /// of 300 bytes on descriptor 5 with UDP_SEGMENT 100, "many #5 A 10 | B 20" for a sendmmsg.
  /// " df" at the end: the IPv4 socket sets DF.
  [[nodiscard]] std::vector<std::string> take_sends();

  /// Most parts that a message had.
  [[nodiscard]] std::size_t parts_max() const { return parts_max_; }

  /// The bytes of all messages of successful sends, a datagram each.
  [[nodiscard]] const std::vector<std::vector<std::byte>>& datagrams() const { return datagrams_; }

 private:
  static int on_socket(int domain, int type, int protocol);
  static int on_bind(int fd, const sockaddr* address, socklen_t size);
  static int on_listen(int fd, int backlog);
  static int on_setsockopt(int fd, int level, int name, const void* value, socklen_t size);
  static int on_recvmmsg(int fd, mmsghdr* headers, unsigned count, int flags, timespec* timeout);
  static int on_sendmmsg(int fd, mmsghdr* headers, unsigned count, int flags);
  static ssize_t on_sendmsg(int fd, const msghdr* header, int flags);
  static ssize_t on_recvmsg(int fd, msghdr* header, int flags);
  static ssize_t on_sendto(
      int fd, const void* bytes, size_t size, int flags, const sockaddr* to, socklen_t length);

  [[nodiscard]] static bool fails();
  [[nodiscard]] SendResult next_result(unsigned count);
  [[nodiscard]] std::string describe(const msghdr& header);
  [[nodiscard]] std::string state_of(int fd) const;
  void keep(const msghdr& header);

  Sends sends_;
  unsigned nth_ = 0;
  int error_ = 0;
  std::deque<SendResult> script_;
  std::vector<std::string> lines_;
  std::size_t parts_max_ = 0;
  std::vector<std::vector<std::byte>> datagrams_;
};

}  // namespace support
