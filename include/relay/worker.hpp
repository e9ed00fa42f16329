// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/fd.hpp"
#include "relay/neighbours.hpp"
#include "turn/server.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace relay {

/// One thread of the relay: its loop, its sockets, its core. Nothing in it is shared but what
/// turn::Shared names; others reach it through its inbox.
class Worker {
 public:
  struct Setup {
    turn::WorkerIndex index = 0;
    std::vector<net::Fd> udp_listeners;
    std::vector<net::Fd> tcp_listeners;
    std::shared_ptr<const turn::Snapshot> snapshot;
    turn::Shared shared;
    base::Duration coalesce{};
    Neighbours& neighbours;
  };

  explicit Worker(Setup setup);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  Worker(Worker&&) = delete;
  Worker& operator=(Worker&&) = delete;
  /// Stops and joins.
  ~Worker();

  void start();

  // From any thread.
  /// Has the worker serve by another configuration from its next turn on.
  void post_snapshot(std::shared_ptr<const turn::Snapshot> snapshot, base::Duration coalesce);
  /// False when the inbox is full.
  [[nodiscard]] bool post_batch(RelayedBatch batch);
  /// Ends every allocation and the thread.
  void post_stop();
  void join();

  [[nodiscard]] const turn::Counters& counters() const { return counters_; }

  /// Has heartbeat() grow by one as soon as the thread gets to its mail.
  void post_ping();

  [[nodiscard]] std::uint64_t heartbeat() const {
    return heartbeat_.load(std::memory_order_relaxed);
  }

 private:
  class Machine;  // Everything that only the worker's own thread touches.

  turn::Counters counters_;
  std::atomic<std::uint64_t> heartbeat_{0};
  std::unique_ptr<Machine> machine_;
  std::thread thread_;
};

}  // namespace relay
