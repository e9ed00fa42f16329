// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/loop.hpp"
#include "relay/forwarder.hpp"
#include "turn/surroundings.hpp"

namespace relay {

/// Turns what the core asks for into sockets and datagrams.
class OutputExecutor final : public turn::Outputs {
 public:
  OutputExecutor(net::Loop& loop, RelaySockets& sockets, const net::Syscalls& syscalls)
      : loop_(loop), sockets_(sockets), syscalls_(syscalls) {}

  /// Completes it: these know each other.
  void connect(Forwarder& forwarder, RelaySocket::Owner& owner) {
    forwarder_ = &forwarder;
    owner_ = &owner;
  }

  /// The client whose message is about to be served: answers go there, and a relay socket opened
  /// for it sends there.
  void set_client(const base::FiveTuple& five_tuple, const ClientPath& path);

  void send_to_client(const base::FiveTuple& to, base::Bytes message) override;
  [[nodiscard]] std::error_code open_relay(turn::RelayId relay,
                                           const base::TransportAddress& local) override;
  void close_relay(turn::RelayId relay) override;
  [[nodiscard]] bool can_bind(const base::TransportAddress& local) override;

  void allocation_gone(const base::FiveTuple& /*client*/) override {}

 private:
  net::Loop& loop_;
  RelaySockets& sockets_;
  const net::Syscalls& syscalls_;
  Forwarder* forwarder_ = nullptr;
  RelaySocket::Owner* owner_ = nullptr;
  base::FiveTuple client_;
  ClientPath path_;
};

}  // namespace relay
