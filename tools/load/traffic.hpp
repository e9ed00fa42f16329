// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/fleet.hpp"
#include "load/flow.hpp"
#include "load/frame_format.hpp"
#include "load/histogram.hpp"
#include "load/payload.hpp"

#include <optional>
#include <vector>

namespace load {

/// What was counted; times in nanoseconds.
struct Tally {
  std::uint64_t sent = 0;      ///< By clients, or by peers when the mode is down.
  std::uint64_t received = 0;  ///< At the other end, each once.
  std::uint64_t relayed = 0;   ///< Datagrams through the relay, each direction counted.
  std::uint64_t duplicated = 0;
  std::uint64_t misrouted = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t stray = 0;    ///< Of another run, or too late to tell.
  std::uint64_t skipped = 0;  ///< Not sent at their time because we fell behind.
};

/// Sends payloads through allocations that stand, and checks what arrives.
class Traffic final : private DataReceiver, private PeerReceiver {
 public:
  Traffic(const Options& options, Fleet& fleet);

  /// Sends and receives until `end`.
  void run_until(std::int64_t end);
  /// From here on datagrams count as measured.
  void begin_measurement();
  /// Sends no more; waits for what is on its way.
  void drain();

  /// Since the start, for the rates of a stretch of time.
  [[nodiscard]] const Tally& tally() const { return tally_; }

  /// Measured datagrams that were sent and did not arrive.
  [[nodiscard]] std::uint64_t lost() const { return measured_sent_ - measured_received_; }

  [[nodiscard]] std::uint64_t measured_sent() const { return measured_sent_; }

  [[nodiscard]] const Histogram& latency() const { return latency_; }

 private:
  void on_data(std::uint32_t client, base::Bytes frame, std::int64_t now) override;
  void on_relayed(std::uint32_t socket, const RxBatch::Buffer& buffer, std::int64_t now) override;

  void send_due(std::int64_t now);
  void saturate(std::int64_t now);
  bool send_train(std::uint32_t client, std::int64_t now);
  void write_payload(std::uint32_t client,
                     base::MutableBytes out,
                     std::uint32_t sequence,
                     std::int64_t now);
  void reflect(std::uint32_t socket, const RxBatch::Buffer& buffer);
  void arrive(std::uint32_t client, base::Bytes payload, std::int64_t now);
  void count(Fault fault);
  void maintain(std::int64_t now);
  void refresh_allocations(std::int64_t now);
  [[nodiscard]] std::uint32_t take_turn();
  [[nodiscard]] bool is_peer_right(std::uint32_t client,
                                   std::uint32_t socket,
                                   const std::optional<base::TransportAddress>& source) const;

  const Options& options_;
  Fleet& fleet_;
  FrameFormat format_;
  std::uint32_t run_;
  PayloadCodec codec_;
  std::vector<Flow> flows_;
  std::vector<SocketAddress> relayed_;  // For peers that send first.
  Histogram latency_;
  Tally tally_;
  std::uint64_t measured_sent_ = 0;
  std::uint64_t measured_received_ = 0;
  std::uint64_t outstanding_ = 0;
  std::uint32_t turn_ = 0;  // The client that sends next.
  bool is_measuring_ = false;
  std::int64_t next_send_ = 0;  // When the next train is due, at a given rate.
  std::int64_t next_maintenance_ = 0;
  std::int64_t refreshed_at_ = 0;
  std::uint32_t refresh_turn_ = 0;
};

}  // namespace load
