// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <optional>
#include <vector>

namespace stun {

/// Cuts the bytes of a stream into STUN messages and ChannelData (RFC 8489 §6.2.2, RFC 8656 §12.5),
/// however they were split. Keeps at most one incomplete frame, of 65,555 bytes at the most.
class StreamFramer {
 public:
  /// The stream is not one of ours: close it.
  enum class Error : std::uint8_t { NotOurs };

  /// Gives the framer what was read. `chunk` must live until next() has said that it wants more.
  void feed(base::Bytes chunk);

  /// The next whole frame without its stream padding; nothing when more bytes are needed. The frame
  /// lives until the next call of next() or feed().
  [[nodiscard]] base::Result<std::optional<base::Bytes>, Error> next();

  /// Whether bytes of an incomplete frame are held.
  [[nodiscard]] bool has_partial_frame() const { return !held_.empty(); }

 private:
  struct FrameSize {
    std::size_t frame;   ///< Without padding.
    std::size_t stream;  ///< With it.
  };

  [[nodiscard]] static base::Result<FrameSize, Error> size_from(base::Bytes head);
  [[nodiscard]] base::Result<std::optional<base::Bytes>, Error> checked(
      std::optional<base::Bytes> frame);
  [[nodiscard]] std::optional<base::Bytes> take(const FrameSize& size);

  std::vector<std::byte> held_;  // Start of a frame whose end has not come.
  std::size_t held_done_ = 0;    // Bytes of held_ that were handed out at the last call.
  base::Bytes chunk_;
  bool is_lost_ = false;  // A STUN message without the magic cookie was met.
};

}  // namespace stun
