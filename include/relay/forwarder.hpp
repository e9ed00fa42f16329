// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "net/tx_batch.hpp"
#include "relay/neighbours.hpp"
#include "relay/relay_socket.hpp"
#include "relay/stream_client.hpp"
#include "turn/server.hpp"

#include <vector>

namespace relay {

class Scratch;

/// What stands around a payload in its receive slot, so that headers and padding can be written in
/// place.
struct Room {
  bool in_front = false;  ///< Space for a ChannelData header.
  bool behind = false;    ///< Space for padding.
};

/// Sends what the core has routed: wraps it, gathers it, hands relayed addresses of this server
/// over inside the process. Bytes given to it must live until flush(), unless the call says
/// otherwise.
class Forwarder {
 public:
  struct Parts {
    turn::Server& server;
    RelaySockets& sockets;
    turn::RelayPorts& ports;
    turn::Counters& counters;
    base::RandomSource& random;
    const net::Syscalls& syscalls;
    Neighbours& neighbours;
    turn::WorkerIndex worker = 0;
  };

  Forwarder(const Parts& parts, std::vector<std::unique_ptr<UdpListener>>& listeners);
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;
  Forwarder(Forwarder&&) = delete;
  Forwarder& operator=(Forwarder&&) = delete;
  ~Forwarder();

  /// A client's payload to a peer.
  void to_peer(const turn::ToPeer& to, base::MutableBytes payload, Room room);
  /// The same with DF set, sent at once: RFC 8656 §14.
  void to_peer_unfragmented(const turn::ToPeer& to, base::MutableBytes payload, Room room);
  /// A peer's payload to the client of a relayed address.
  void to_client(const RelaySocket& socket,
                 const turn::ToClient& how,
                 const base::TransportAddress& peer,
                 base::MutableBytes payload,
                 Room room);
  /// A payload of one of this server's relayed addresses for another that lives on this worker.
  void to_relayed(const base::TransportAddress& relayed,
                  const base::TransportAddress& source,
                  base::MutableBytes payload,
                  Room room);
  /// A message to a client, copied.
  void message(const ClientPath& path, base::Bytes message);
  /// Copies bytes that do not live until flush(): one frame, which may become one datagram, before
  /// the next is kept.
  [[nodiscard]] base::MutableBytes keep(base::Bytes bytes);

  /// Sends everything; what was kept stays where it is.
  void send_all();
  /// Sends everything and forgets what was kept: for when nothing of it is looked at any more.
  void flush();
  /// The stream is being destroyed: forget it.
  void forget(StreamClient& stream);

 private:
  void make_room(const ClientPath& path);
  void make_room_to_peers();
  [[nodiscard]] base::MutableBytes head_space(base::MutableBytes payload,
                                              Room room,
                                              std::size_t size);
  void wrap_channel_data(const ClientPath& path,
                         stun::ChannelNumber number,
                         base::MutableBytes payload,
                         Room room);
  void wrap_data_indication(const ClientPath& path,
                            const base::TransportAddress& peer,
                            base::MutableBytes payload,
                            Room room);
  void send(const ClientPath& path, base::Bytes head, base::Bytes body);
  void hand_over(turn::WorkerIndex to, const turn::ToPeer& route, base::Bytes payload);
  void count_losses(const net::TxBatch::Losses& losses);

  Parts parts_;
  std::vector<std::unique_ptr<UdpListener>>& listeners_;
  std::unique_ptr<net::TxBatch> to_peers_;
  std::unique_ptr<Scratch> scratch_;
  std::vector<StreamClient*> dirty_streams_;
  std::vector<RelayedBatch> to_workers_;
};

}  // namespace relay
