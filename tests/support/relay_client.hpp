// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/relay_bench.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// What came to a client, taken apart and compared with what it had to be, byte by byte.
struct Arrived {
  std::optional<std::uint16_t> channel;
  std::optional<base::TransportAddress> peer;  ///< Of a Data indication.
  std::vector<std::byte> data;
  std::vector<std::byte> raw;

  /// `channel 4000 "data"`, `from 127.0.0.1:7000 "data"`, or the description of another message.
  [[nodiscard]] std::string to_string() const;
};

/// Takes a message of a server apart. A ChannelData message with a wrong length or a Data
/// indication that differs in any byte from what RFC 8656 §11.4 makes of its contents is "not as it
/// should be".
[[nodiscard]] Arrived take_apart(base::Bytes message);

[[nodiscard]] std::vector<std::byte> channel_data(std::uint16_t number, base::Bytes data);
[[nodiscard]] std::vector<std::byte> channel_data(std::uint16_t number, std::string_view data);
[[nodiscard]] std::vector<std::byte> send_indication(const base::TransportAddress& peer,
                                                     base::Bytes data,
                                                     bool dont_fragment = false);
[[nodiscard]] std::vector<std::byte> send_indication(const base::TransportAddress& peer,
                                                     std::string_view data,
                                                     bool dont_fragment = false);

/// A client with a socket of its own, over UDP or TCP.
class RelayClient {
 public:
  explicit RelayClient(RelayBench& bench,
                       base::Transport transport = base::Transport::Udp,
                       std::string username = "alice",
                       std::string_view ip = kLoopback);

  [[nodiscard]] const base::TransportAddress& address() const;

  [[nodiscard]] const UdpEnd& udp() const { return *udp_; }

  [[nodiscard]] TcpEnd& tcp() { return *tcp_; }

  /// Sends bytes as they are, over TCP with their stream padding.
  void send(base::Bytes bytes);

  void send(std::string_view text) { send(base::bytes_of(text)); }

  /// Several datagrams in one send of the kernel.
  void send_train(base::Bytes bytes, std::uint16_t segment_size) {
    udp_->send_train(server_, bytes, segment_size);
  }

  /// The next message; a failed check after the deadline.
  [[nodiscard]] Arrived next();

  [[nodiscard]] std::string next_text() { return next().to_string(); }

  /// A signed request.
  [[nodiscard]] RawMessage request(stun::Method method) const;
  [[nodiscard]] std::vector<std::byte> signed_bytes(const RawMessage& message);
  [[nodiscard]] std::vector<std::byte> refresh(std::uint32_t lifetime);
  /// Sends a signed request and returns the description of its answer.
  std::string ask(const RawMessage& message);

  // Anything but success is the test's mistake.
  /// Allocates and returns the relayed address.
  base::TransportAddress allocate(base::Family family = base::Family::IPv4);
  void permit(const base::TransportAddress& peer);
  void bind(std::uint16_t number, const base::TransportAddress& peer);

  [[nodiscard]] turn::AllocationId id() const;

 private:
  [[nodiscard]] std::optional<std::vector<std::byte>> take_frame();

  RelayBench& bench_;
  base::TransportAddress server_;
  std::optional<UdpEnd> udp_;
  std::optional<TcpEnd> tcp_;
  Signer signer_;
};

}  // namespace support
