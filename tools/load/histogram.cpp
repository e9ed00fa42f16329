// SPDX-License-Identifier: Apache-2.0
#include "load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace load {
namespace {

// Each power of two is cut into this many buckets.
constexpr unsigned kSubBits = 6;
constexpr std::uint64_t kSubBuckets = 1U << kSubBits;
constexpr std::uint64_t kValueMax = (std::uint64_t{1} << 42U) - 1;

std::size_t bucket_of(std::uint64_t value) {
  if (value < kSubBuckets) {
    return value;
  }
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - kSubBits - 1;
  return shift * kSubBuckets + (value >> shift);
}

std::uint64_t upper_end_of(std::size_t bucket) {
  if (bucket < kSubBuckets) {
    return bucket;
  }
  const std::size_t shift = bucket / kSubBuckets - 1;
  const std::uint64_t top = bucket - shift * kSubBuckets;
  return ((top + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(bucket_of(kValueMax) + 1) {}

void Histogram::record(std::int64_t nanoseconds) {
  const std::int64_t value = std::max<std::int64_t>(nanoseconds, 0);
  ++buckets_[bucket_of(std::min(static_cast<std::uint64_t>(value), kValueMax))];
  ++count_;
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

double Histogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::int64_t Histogram::percentile(double percent) const {
  const auto wanted =
      static_cast<std::uint64_t>(std::ceil(static_cast<double>(count_) * percent / 100.0));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen != 0 && seen >= wanted) {
      return std::min(static_cast<std::int64_t>(upper_end_of(bucket)), max_);
    }
  }
  return max_;
}

}  // namespace load
