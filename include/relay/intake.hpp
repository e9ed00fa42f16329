// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/rx_arena.hpp"
#include "relay/forwarder.hpp"
#include "relay/gather.hpp"
#include "relay/output_executor.hpp"

namespace relay {

/// Takes what arrives, from clients and from peers, asks the core and gives it to the forwarder.
/// Reads the clock once a loop turn and lets due deadlines run before anything of that turn is
/// looked at.
class Intake final : public RelaySocket::Owner {
 public:
  struct Parts {
    turn::Server& server;
    RelaySockets& sockets;
    Forwarder& forwarder;
    OutputExecutor& executor;
    turn::Counters& counters;
    Gather& gather;
    const net::Syscalls& syscalls;
  };

  explicit Intake(const Parts& parts) : parts_(parts) {}

  void on_listener_readable(UdpListener& listener);
  void on_relay_readable(RelaySocket& socket) override;
  void on_relay_error(RelaySocket& socket) override;
  void on_stream_frame(StreamClient& client, base::Bytes frame);
  void on_relayed_batch(RelayedBatch& batch);

  /// Starts the turn if it has not begun: clock, deadlines.
  void begin_turn();
  /// Sends everything and frees the receive slots.
  void end_turn();

  [[nodiscard]] base::Now now() const { return now_; }

  [[nodiscard]] bool has_received() const { return has_received_; }

 private:
  /// A client's datagrams in a row: what was looked up for one serves the next.
  struct Client;

  void on_client_train(UdpListener& listener, const net::Received& received);
  void on_client_datagram(Client& client, base::MutableBytes datagram, Room room);
  void on_channel_data(Client& client, base::MutableBytes datagram, Room room);
  void on_stun(Client& client, base::MutableBytes datagram, Room room);
  void on_send_indication(Client& client,
                          const stun::MessageView& message,
                          base::MutableBytes datagram,
                          Room room);
  void on_peer_train(RelaySocket& socket, const net::Received& received);

  Parts parts_;
  net::RxArena arena_;
  base::Now now_{};
  bool has_begun_ = false;
  bool has_received_ = false;
};

}  // namespace relay
