// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "load/options.hpp"
#include "load/turn_client.hpp"

#include <vector>

namespace load {

/// What is wrong with data that arrived.
enum class Fault : std::uint8_t { Misrouted, Corrupted };

/// Wraps payloads into what clients send to the server, ChannelData or Send indications, and
/// unwraps what comes back.
class FrameFormat {
 public:
  FrameFormat(const Options& options, const std::vector<TurnClient>& clients);

  /// Bytes of a frame around a payload of the chosen size.
  [[nodiscard]] std::size_t frame_size() const {
    return head_size_ + payload_size_ + padding_size_;
  }

  /// Writes everything but the payload, and returns the place for that.
  [[nodiscard]] base::MutableBytes open(const TurnClient& client,
                                        base::MutableBytes frame,
                                        std::uint32_t sequence) const;

  /// The payload of a frame that the server sent to this client.
  [[nodiscard]] base::Result<base::Bytes, Fault> unwrap(const TurnClient& client,
                                                        base::Bytes frame) const;

 private:
  Method method_;
  std::size_t head_size_;
  std::size_t payload_size_;
  std::size_t padding_size_ = 0;
};

}  // namespace load
