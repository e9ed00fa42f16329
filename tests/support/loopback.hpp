// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "net/fd.hpp"
#include "net/loop.hpp"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace support {

/// A loopback address that tests have for themselves: what other programs of this machine send
/// astray does not get here.
inline constexpr std::string_view kLoopback = "127.91.0.1";

/// "127.0.0.1:7000" or "[::1]:7000"; anything else aborts.
[[nodiscard]] base::TransportAddress at(std::string_view text);

/// Serves `loop` until `holds` does. False when a deadline that is far away passed first.
[[nodiscard]] bool run_until(net::Loop& loop, const std::function<bool()>& holds);
/// Runs what the loop has to do at this moment.
void run_once(net::Loop& loop);

/// Waits until `holds` does, for what other threads and processes do. False after the deadline.
[[nodiscard]] bool wait_until(const std::function<bool()>& holds);

/// Descriptors that this process has open.
[[nodiscard]] std::size_t open_descriptors();

struct Datagram {
  base::TransportAddress from;
  std::vector<std::byte> bytes;
};

/// A UDP socket of a test's own, on a free port of a loopback address: a client or a peer.
class UdpEnd {
 public:
  explicit UdpEnd(std::string_view ip = kLoopback);

  [[nodiscard]] const base::TransportAddress& address() const { return address_; }

  [[nodiscard]] int fd() const { return fd_.get(); }

  void send(const base::TransportAddress& to, base::Bytes bytes) const;
  void send(const base::TransportAddress& to, std::string_view text) const;
  /// One send of many datagrams, `segment_size` long each but the last: UDP_SEGMENT.
  void send_train(const base::TransportAddress& to,
                  base::Bytes bytes,
                  std::uint16_t segment_size) const;
  /// A datagram that is there already.
  [[nodiscard]] std::optional<Datagram> take() const;
  /// Waits for one; nothing after the deadline.
  [[nodiscard]] std::optional<Datagram> wait() const;
  /// The text of the next one, "nothing" after the deadline.
  [[nodiscard]] std::string wait_text() const;

 private:
  net::Fd fd_;
  base::TransportAddress address_;
};

/// An address that no socket has.
[[nodiscard]] base::TransportAddress closed_port(std::string_view ip = kLoopback);

/// A TCP connection of a test's own.
class TcpEnd {
 public:
  /// `receive_buffer`: SO_RCVBUF in bytes, 0 for the kernel's choice.
  explicit TcpEnd(const base::TransportAddress& to, int receive_buffer = 0);

  [[nodiscard]] const base::TransportAddress& address() const { return address_; }

  [[nodiscard]] int fd() const { return fd_.get(); }

  /// Writes all of it, which must fit the kernel's buffers.
  void send(base::Bytes bytes) const;
  void send(std::string_view text) const;
  /// Reads what is there, at most `size_max` bytes, and appends it to received().
  void read_some(std::size_t size_max = 1U << 20U);

  [[nodiscard]] std::vector<std::byte>& received() { return received_; }

  [[nodiscard]] std::string received_text() const;

  /// Whether read_some() has met the end, orderly or not.
  [[nodiscard]] bool is_closed() const { return is_closed_; }

  /// Says that nothing more will be sent.
  void shut_down() const;
  /// Closes so that the other end gets a reset.
  void reset();

 private:
  net::Fd fd_;
  base::TransportAddress address_;
  std::vector<std::byte> received_;
  bool is_closed_ = false;
};

/// Bytes that differ from place to place and from `seed` to `seed`.
[[nodiscard]] std::vector<std::byte> pattern(std::size_t size, unsigned seed = 0);

}  // namespace support
