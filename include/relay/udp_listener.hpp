// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/poll.hpp"
#include "net/tx_batch.hpp"

#include <functional>
#include <memory>

namespace relay {

/// One UDP listening address of one worker, and what it is about to send.
class UdpListener final : public net::Poll::Listener {
 public:
  using OnReadable = std::function<void(UdpListener&)>;

  UdpListener(net::Loop& loop, net::Fd fd, const net::Syscalls& syscalls, OnReadable on_readable);

  void on_readable() override { on_readable_(*this); }

  void on_socket_error() override;

  [[nodiscard]] int fd() const { return fd_.get(); }

  [[nodiscard]] const base::TransportAddress& address() const { return address_; }

  /// The server's transport address of a datagram that was sent to `to`.
  [[nodiscard]] base::TransportAddress server_address(
      const std::optional<base::IpAddress>& to) const {
    return to ? base::TransportAddress{*to, address_.port} : address_;
  }

  /// Whether answers must name the address they leave from.
  [[nodiscard]] bool is_wildcard() const { return is_wildcard_; }

  [[nodiscard]] net::TxBatch& tx() { return *tx_; }

 private:
  net::Fd fd_;
  base::TransportAddress address_;
  bool is_wildcard_;
  OnReadable on_readable_;
  std::unique_ptr<net::TxBatch> tx_;
  net::Poll poll_;
};

}  // namespace relay
