// SPDX-License-Identifier: Apache-2.0
#include "relay/gather.hpp"

namespace relay {

void Gather::on_turn(base::Instant now) {
  turn_began_ = now;
  const base::Duration window = now - window_began_;
  if (window >= kWindow) {
    per_second_ = static_cast<double>(in_window_) / std::chrono::duration<double>(window).count();
    in_window_ = 0;
    window_began_ = now;
  }
}

std::optional<base::Instant> Gather::wait_until() const {
  // Worth it from one more datagram than the one that woke us, and until so many come by themselves
  // that a wait only lets the processor go idle.
  const double expected = per_second_ * std::chrono::duration<double>(longest_).count();
  if (longest_ <= base::Duration::zero() || expected < 1.0 || expected > kEnough) {
    return std::nullopt;
  }
  return turn_began_ + longest_;
}

}  // namespace relay
