// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/poll.hpp"
#include "net/tx_batch.hpp"
#include "relay/udp_listener.hpp"
#include "turn/allocation.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace relay {

class StreamClient;

/// The way back to a client: a listener and an address, or its stream.
struct ClientPath {
  UdpListener* listener = nullptr;
  net::Destination to;
  StreamClient* stream = nullptr;
};

/// One relayed transport address: its socket, whose it is, and the way to its client.
class RelaySocket final : public net::Poll::Listener {
 public:
  /// Told of what happens on relay sockets.
  class Owner {
   public:
    Owner() = default;
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    Owner(Owner&&) = delete;
    Owner& operator=(Owner&&) = delete;
    virtual ~Owner() = default;

    virtual void on_relay_readable(RelaySocket& socket) = 0;
    virtual void on_relay_error(RelaySocket& socket) = 0;
  };

  RelaySocket(net::Loop& loop, net::Fd fd, turn::RelayId id, ClientPath path, Owner& owner)
      : fd_(std::move(fd)), id_(id), path_(path), owner_(owner), poll_(loop, fd_.get(), *this) {}

  void on_readable() override { owner_.on_relay_readable(*this); }

  void on_socket_error() override { owner_.on_relay_error(*this); }

  [[nodiscard]] int fd() const { return fd_.get(); }

  [[nodiscard]] turn::RelayId id() const { return id_; }

  [[nodiscard]] const ClientPath& path() const { return path_; }

  /// How many datagrams to ask for next: a call that asks for more than there are pays for finding
  /// none.
  [[nodiscard]] unsigned batch() const { return batch_; }

  void learn_batch(std::size_t received) {
    batch_ = received < batch_ ? std::max(2U, static_cast<unsigned>(received))
                               : std::min(batch_ * 2, kBatchMax);
  }

  /// A relay socket carries few peers; more waits for the next turn, so that nobody starves the
  /// others.
  static constexpr unsigned kBatchMax = 16;

 private:
  net::Fd fd_;
  turn::RelayId id_;
  ClientPath path_;
  Owner& owner_;
  unsigned batch_ = 2;
  net::Poll poll_;
};

/// The relay sockets of a worker, found by id in O(1).
class RelaySockets {
 public:
  void add(std::unique_ptr<RelaySocket> socket);
  void remove(turn::RelayId id);

  [[nodiscard]] RelaySocket* find(turn::RelayId id) const {
    return id.allocation.index < sockets_.size()
               ? sockets_[id.allocation.index][turn::index_of(id.family)].get()
               : nullptr;
  }

 private:
  std::vector<std::array<std::unique_ptr<RelaySocket>, 2>> sockets_;
};

}  // namespace relay
