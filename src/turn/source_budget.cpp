// SPDX-License-Identifier: Apache-2.0
#include "turn/source_budget.hpp"

#include <algorithm>

namespace turn {
namespace {

// A slot is 24 bits of tag and 40 bits of time: the moment, in ticks of 100 us, at which the bucket
// is full again.
constexpr std::uint64_t kTimeMask = (1ULL << 40U) - 1;
constexpr std::uint64_t kTicksPerSecond = 10'000;

std::uint64_t ticks_of(base::Instant now) {
  return static_cast<std::uint64_t>(
             std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() /
             100) &
         kTimeMask;
}

base::Bytes prefix_of(const base::IpAddress& source) {
  return source.is_ipv4() ? source.bytes() : source.bytes().first(8);
}

}  // namespace

SourceBudget::SourceBudget(const base::SipKey& key)
    : key_(key), slots_(std::make_unique<std::atomic<std::uint64_t>[]>(kSets * kWays)) {
  // Touched here, so that a flood does not make the process grow.
  std::for_each(slots_.get(), slots_.get() + kSets * kWays, [](auto& slot) {
    slot.store(0, std::memory_order_relaxed);
  });
}

bool SourceBudget::take(const base::IpAddress& source,
                        std::uint32_t per_second,
                        base::Instant now) {
  if (per_second == 0) {
    return true;
  }
  const std::uint64_t hash = base::siphash(key_, prefix_of(source));
  const std::uint64_t tag = hash >> 40U;
  std::atomic<std::uint64_t>* const set = &slots_[(hash % kSets) * kWays];
  const std::uint64_t time = ticks_of(now);
  const std::uint64_t interval = std::max<std::uint64_t>(1, kTicksPerSecond / per_second);

  const std::uint64_t capacity = interval * per_second;
  // Ticks until the bucket is full again. The 40 bits come round every three and a half years: what
  // is further ahead than any bucket can be is past.
  const auto ticks_to_full = [&](std::uint64_t slot) {
    const std::uint64_t ahead = ((slot & kTimeMask) - time) & kTimeMask;
    return ahead <= capacity ? ahead : 0;
  };

  // The source's own slot, else the one that is full again the soonest.
  std::size_t chosen = 0;
  for (std::size_t way = 0; way < kWays; ++way) {
    const std::uint64_t value = set[way].load(std::memory_order_relaxed);
    if ((value >> 40U) == tag && ticks_to_full(value) > 0) {
      chosen = way;
      break;
    }
    if (ticks_to_full(value) < ticks_to_full(set[chosen].load(std::memory_order_relaxed))) {
      chosen = way;
    }
  }
  std::uint64_t before = set[chosen].load(std::memory_order_relaxed);
  for (;;) {
    const std::uint64_t next = ticks_to_full(before) + interval;
    if (next > capacity) {
      return false;
    }
    if (set[chosen].compare_exchange_weak(
            before, (tag << 40U) | ((time + next) & kTimeMask), std::memory_order_relaxed)) {
      return true;
    }
  }
}

}  // namespace turn
