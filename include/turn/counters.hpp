// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace turn {

/// A number that one worker writes and anyone reads: no locked instruction, live at any time.
class Counter {
 public:
  void add(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }

  void subtract(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) - amount, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Why something received was dropped. Metric label values; docs/metrics lists them.
enum class DropReason : std::uint8_t {
  TooShort,
  NotStun,
  NoMagicCookie,
  BadLength,
  BadAttribute,
  BadFingerprint,
  NotARequest,  ///< An answer, or an indication that is not ours: nothing is ever answered to it.
  UnknownMethod,
  UnknownAttribute,  ///< Comprehension-required in an indication: RFC 8489 §6.3.2.
  BadChannelData,
  BadSendIndication,
  NoAllocation,
  ChannelUnbound,
  NoPermission,
  PeerForbidden,
  BudgetSpent,        ///< The source had its answers for this second.
  ChallengeTooLarge,  ///< The smallest challenge would still amplify: docs/adr/0009-challenges.md.
  SendFailed,         ///< The kernel refused this datagram.
  QueueFull,          ///< A slow TCP reader, or another worker's inbox.
  TooLarge,           ///< Does not fit the datagram it must go into.
  Count,
};

[[nodiscard]] std::string_view to_text(DropReason reason);

/// What one worker has done. Written by its thread alone.
struct Counters {
  std::array<Counter, static_cast<std::size_t>(DropReason::Count)> drops;
  Counter binding_requests;
  Counter turn_requests;
  Counter challenges;
  Counter allocations_created;
  Counter allocations_live;
  Counter packets_to_peer;
  Counter bytes_to_peer;
  Counter packets_to_client;
  Counter bytes_to_client;

  void drop(DropReason reason, std::uint64_t count = 1) {
    drops[static_cast<std::size_t>(reason)].add(count);
  }

  [[nodiscard]] std::uint64_t dropped(DropReason reason) const {
    return drops[static_cast<std::size_t>(reason)].value();
  }
};

}  // namespace turn
