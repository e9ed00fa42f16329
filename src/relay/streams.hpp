// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "relay/intake.hpp"
#include "relay/stream_client.hpp"

#include <memory>
#include <unordered_map>
#include <vector>

namespace relay {

/// The TCP clients of a worker: taken in, swept when they idle, stall or come in crowds.
class Streams final : public StreamClient::Owner {
 public:
  /// Connections of a worker, and of one address on it. Behind a large NAT there are many users.
  static constexpr std::size_t kStreamsMax = 32'768;
  static constexpr std::size_t kStreamsPerAddressMax = 1024;
  /// A connection must bring a whole frame by then.
  static constexpr std::chrono::seconds kFirstFrameDeadline{10};
  /// And keep an allocation or be active.
  static constexpr std::chrono::seconds kIdleWithoutAllocation{60};
  /// A reader that takes nothing for so long is gone.
  static constexpr std::chrono::seconds kStallDeadline{10};

  Streams(net::Loop& loop, turn::Server& server, Forwarder& forwarder, Intake& intake);

  void listen(net::Fd fd);
  /// Closes what idles, stalls or never spoke. To be called every second.
  void sweep();
  void close_all();

  void on_stream_active(StreamClient& client) override;
  void on_stream_frame(StreamClient& client, base::Bytes frame) override;
  void on_stream_over(StreamClient& client) override;

 private:
  void take_connection(net::TcpListener& listener);
  void close(StreamClient& client);
  [[nodiscard]] bool is_overdue(StreamClient& client, base::Instant now) const;

  net::Loop& loop_;
  turn::Server& server_;
  Forwarder& forwarder_;
  Intake& intake_;
  std::vector<std::byte> read_buffer_;
  std::vector<std::unique_ptr<net::TcpListener>> listeners_;
  std::unordered_map<StreamClient*, std::unique_ptr<StreamClient>> clients_;
  std::unordered_map<base::IpAddress, std::size_t> per_address_;
};

}  // namespace relay
