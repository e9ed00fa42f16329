// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <optional>

namespace load {

/// What a datagram tells about itself. The tool reads only what the tool wrote, so the host's byte
/// order will do.
struct PayloadHeader {
  std::uint32_t run = 0;       ///< Drawn at start: tells a straggler of another run.
  std::uint32_t client = 0;    ///< Whose allocation it is to pass.
  std::uint32_t sequence = 0;  ///< Counts per client, from 0.
  std::uint32_t measured = 0;  ///< 1 when sent after the warm-up.
  std::int64_t sent_at = 0;    ///< Monotonic clock, nanoseconds.

  friend bool operator==(const PayloadHeader&, const PayloadHeader&) = default;
};

/// Header and checksum; the smallest payload there is.
inline constexpr std::size_t kPayloadSizeMin = 32;
inline constexpr std::size_t kPayloadSizeMax = 8192;

/// Makes and checks payloads: header, checksum, and a body that differs from datagram to datagram,
/// so that bytes of one that turn up in another are seen.
class PayloadCodec {
 public:
  explicit PayloadCodec(std::uint32_t run);

  /// Fills all of `out`, of kPayloadSizeMin to kPayloadSizeMax bytes.
  void write(base::MutableBytes out, const PayloadHeader& header) const;

  /// The header of an undamaged payload of any run; nothing when a bit of it differs from what was
  /// written.
  [[nodiscard]] static std::optional<PayloadHeader> check(base::Bytes payload);

  /// The header alone, unchecked; nothing when there are too few bytes.
  [[nodiscard]] static std::optional<PayloadHeader> peek(base::Bytes payload);

 private:
  std::array<std::byte, 2 * kPayloadSizeMax> pattern_{};
};

}  // namespace load
