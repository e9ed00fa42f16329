// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/poller.hpp"
#include "load/rx_batch.hpp"
#include "load/tx_batch.hpp"

#include <vector>

namespace load {

/// Whether all clients talk to one peer socket or each to its own.
enum class Peers : std::uint8_t { Shared, Each };

/// Is told what relayed addresses send to peers.
class PeerReceiver {
 public:
  PeerReceiver() = default;
  PeerReceiver(const PeerReceiver&) = delete;
  PeerReceiver& operator=(const PeerReceiver&) = delete;
  virtual ~PeerReceiver() = default;

  /// Datagrams from one relayed address, at the peer socket of this index.
  virtual void on_relayed(std::uint32_t socket,
                          const RxBatch::Buffer& buffer,
                          std::int64_t now) = 0;
};

/// The sockets behind the relay. The poller's tags name them by Side::Peer and an index.
class PeerLinks {
 public:
  PeerLinks(const base::IpAddress& ip, std::uint32_t count, Gro gro, Poller& poller);

  [[nodiscard]] std::uint32_t socket_of(std::uint32_t client) const {
    return sockets_.size() == 1 ? 0 : client;
  }

  [[nodiscard]] const base::TransportAddress& address_of(std::uint32_t client) const {
    return addresses_[socket_of(client)];
  }

  /// Room for a train towards a relayed address, for the caller to fill before the next call.
  [[nodiscard]] base::MutableBytes train(std::uint32_t client,
                                         const SocketAddress& relayed,
                                         std::size_t size,
                                         std::size_t count);
  /// Sends a datagram back to where it came from, in trains of at most `train_max`.
  void reflect(std::uint32_t socket,
               const sockaddr* to,
               base::Bytes datagram,
               std::size_t train_max);

  void flush() { tx_.flush(); }

  /// Reads what waits; null throws it away.
  void on_ready(std::uint32_t socket, PeerReceiver* receiver);

  [[nodiscard]] std::uint64_t drops() const;

  [[nodiscard]] std::uint64_t refused() const { return tx_.refused(); }

 private:
  std::vector<Descriptor> sockets_;
  std::vector<base::TransportAddress> addresses_;
  RxBatch rx_;
  TxBatch tx_;
};

}  // namespace load
