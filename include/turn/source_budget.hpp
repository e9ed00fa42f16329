// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/siphash.hpp"

#include <atomic>
#include <cstddef>
#include <memory>

namespace turn {

/// How many answers a source, an IPv4 /32 or an IPv6 /64, gets before it has authenticated: a token
/// bucket each, in a table of fixed size (512 KiB) that all workers share without a lock. Sources
/// that collide share a budget, which errs on the side of silence; the key keeps anyone from
/// choosing who collides.
class SourceBudget {
 public:
  explicit SourceBudget(const base::SipKey& key);

  /// Takes one answer from the source's budget of `per_second`, with a burst of one second's worth.
  /// 0: no limit. At most 10,000.
  [[nodiscard]] bool take(const base::IpAddress& source,
                          std::uint32_t per_second,
                          base::Instant now);

 private:
  static constexpr std::size_t kSets = 16384;
  static constexpr std::size_t kWays = 4;

  base::SipKey key_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> slots_;
};

}  // namespace turn
