// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/nonce.hpp"
#include "base/result.hpp"
#include "relay/worker.hpp"

#include <memory>
#include <string>
#include <vector>

namespace relay {

/// A listening address that could not be opened, and why.
struct BindFailure {
  base::Transport transport = base::Transport::Udp;
  base::TransportAddress address;
  std::error_code error;
};

/// A listening address as it was opened: port 0 has become a number.
struct BoundListener {
  base::Transport transport = base::Transport::Udp;
  base::TransportAddress address;
};

/// All workers and what they share. Owned and called by the control thread.
class RelayService final : public Neighbours {
 public:
  struct Setup {
    unsigned workers = 1;
    std::vector<base::TransportAddress> listen_udp;
    std::vector<base::TransportAddress> listen_tcp;
    std::vector<turn::RelayAddress> relay_addresses;
    turn::PortRange relay_ports;
    base::Duration coalesce{};
    std::shared_ptr<const turn::Snapshot> snapshot;
  };

  /// Binds every listener for every worker; nothing runs yet. Either all of them are bound or none
  /// stays.
  [[nodiscard]] static base::Result<std::unique_ptr<RelayService>, BindFailure> open(
      const Setup& setup, turn::QuotaGate& quota, turn::AuditSink& audit);
  RelayService(const RelayService&) = delete;
  RelayService& operator=(const RelayService&) = delete;
  ~RelayService() override;

  void start();
  void apply(const std::shared_ptr<const turn::Snapshot>& snapshot, base::Duration coalesce);
  /// Ends all allocations and all threads.
  void stop();

  [[nodiscard]] const std::vector<BoundListener>& listeners() const { return bound_; }

  [[nodiscard]] const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }

  [[nodiscard]] const turn::RelayPorts& ports() const { return ports_; }

  [[nodiscard]] bool hand_over(turn::WorkerIndex to, RelayedBatch batch) override;

 private:
  explicit RelayService(const Setup& setup);

  turn::RelayPorts ports_;
  turn::SourceBudget budget_;
  auth::NonceMint nonces_;
  std::vector<BoundListener> bound_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace relay
