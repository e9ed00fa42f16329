// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace relay {

/// What a datagram or frame from a client is, by its first byte: RFC 7983 §7.
enum class Kind : std::uint8_t { Stun, Dtls, ChannelData, Other };

[[nodiscard]] inline Kind classify(base::Bytes datagram) {
  if (datagram.empty()) {
    return Kind::Other;
  }
  const auto first = std::to_integer<unsigned>(datagram[0]);
  if (first <= 3) {
    return Kind::Stun;
  }
  if (first >= 20 && first <= 63) {
    return Kind::Dtls;
  }
  return first >= 64 && first <= 79 ? Kind::ChannelData : Kind::Other;
}

}  // namespace relay
