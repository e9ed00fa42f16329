// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "load/poller.hpp"
#include "load/rx_batch.hpp"
#include "load/tx_batch.hpp"

#include <memory>
#include <string>
#include <vector>

namespace load {

/// Is told what the server sends to clients.
class ClientReceiver {
 public:
  ClientReceiver() = default;
  ClientReceiver(const ClientReceiver&) = delete;
  ClientReceiver& operator=(const ClientReceiver&) = delete;
  virtual ~ClientReceiver() = default;

  /// One STUN message or ChannelData.
  virtual void on_frame(std::uint32_t client, base::Bytes frame, std::int64_t now) = 0;
  /// The way to the server is gone: `why` is half a sentence.
  virtual void on_broken(std::uint32_t client, const std::string& why) = 0;
};

/// The sockets between the clients and the server. The poller's tags name them by Side::Client and
/// an index.
class ClientLinks {
 public:
  ClientLinks() = default;
  ClientLinks(const ClientLinks&) = delete;
  ClientLinks& operator=(const ClientLinks&) = delete;
  virtual ~ClientLinks() = default;

  /// Room for a train of `count` frames, `size` bytes each, for the caller to fill before the next
  /// call; nothing while this client's way is full. The frames leave with flush() at the latest.
  [[nodiscard]] virtual base::MutableBytes train(std::uint32_t client,
                                                 std::size_t size,
                                                 std::size_t count) = 0;
  virtual void flush() = 0;
  /// Gives this client another 5-tuple: to the server it is somebody new.
  virtual void renew(std::uint32_t client) = 0;
  /// Reads what waits at the socket of this index, writes what it would not take before.
  virtual void on_ready(std::uint32_t index, ClientReceiver& receiver) = 0;
  /// Datagrams lost to full receive buffers of ours.
  [[nodiscard]] virtual std::uint64_t drops() const = 0;
  /// Datagrams that our kernel would not send.
  [[nodiscard]] virtual std::uint64_t refused() const = 0;
};

struct LinkOptions {
  base::TransportAddress server;
  std::uint32_t clients = 0;
  Gro gro = Gro::On;
  std::int64_t connect_timeout = 0;  ///< Nanoseconds.
};

/// A UDP socket for each client.
[[nodiscard]] std::unique_ptr<ClientLinks> make_udp_links(const LinkOptions& options,
                                                          Poller& poller);

/// One UDP socket for all clients; each has a source address of its own out of 127.0.0.0/8, so the
/// server sees as many 5-tuples. For servers on IPv4 loopback.
[[nodiscard]] std::unique_ptr<ClientLinks> make_shared_udp_links(const LinkOptions& options,
                                                                 Poller& poller);

/// A TCP connection for each client.
[[nodiscard]] std::unique_ptr<ClientLinks> make_tcp_links(const LinkOptions& options,
                                                          Poller& poller);

}  // namespace load
