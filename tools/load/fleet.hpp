// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/secure_random.hpp"
#include "load/client_links.hpp"
#include "load/options.hpp"
#include "load/peer_links.hpp"
#include "load/transactions.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace load {

/// Is told of the application data that reaches clients.
class DataReceiver {
 public:
  DataReceiver() = default;
  DataReceiver(const DataReceiver&) = delete;
  DataReceiver& operator=(const DataReceiver&) = delete;
  virtual ~DataReceiver() = default;

  /// ChannelData or a Data indication.
  virtual void on_data(std::uint32_t client, base::Bytes frame, std::int64_t now) = 0;
};

/// All clients with their sockets, and the peers: what every job is done with.
class Fleet final : private ClientReceiver {
 public:
  /// Opens the sockets. `peers` is how many peer sockets to open.
  Fleet(const Options& options, std::uint32_t peers);

  /// Takes every client through `steps`, some at a time; Failure with the first sentence that goes
  /// wrong. `doing`
  /// ("allocating") is for the progress.
  void run_all(std::span<const Step> steps, const std::string& doing);
  /// Gives all allocations back, as far as the server answers.
  void release();
  /// Waits at most `timeout` nanoseconds and handles what comes.
  void pump(std::int64_t timeout);

  /// Who gets the data; null: nobody. They must outlive their use.
  void set_receivers(DataReceiver* clients, PeerReceiver* peers);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(clients_.size()); }

  [[nodiscard]] std::vector<TurnClient>& clients() { return clients_; }

  [[nodiscard]] ClientLinks& links() { return *links_; }

  [[nodiscard]] PeerLinks& peers() { return peers_; }

  [[nodiscard]] Transactions& transactions() { return transactions_; }

 private:
  void on_frame(std::uint32_t client, base::Bytes frame, std::int64_t now) override;
  void on_broken(std::uint32_t client, const std::string& why) override;

  Options options_;
  Poller poller_;
  crypto::SecureRandom random_;
  std::unique_ptr<ClientLinks> links_;
  PeerLinks peers_;
  std::vector<TurnClient> clients_;
  Transactions transactions_;
  DataReceiver* data_receiver_ = nullptr;
  PeerReceiver* peer_receiver_ = nullptr;
};

}  // namespace load
