// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace load {

/// Counts of nanoseconds in buckets whose width grows with the value: every value is kept to within
/// 1/64, from 1 ns to 73 minutes, in 20 KiB, and recording one costs a few instructions.
class Histogram {
 public:
  Histogram();

  /// Values below zero count as zero, values past the end as the largest.
  void record(std::int64_t nanoseconds);

  [[nodiscard]] std::uint64_t count() const { return count_; }

  /// Exact, not rounded to a bucket. Zero when nothing was recorded.
  [[nodiscard]] std::int64_t max() const { return max_; }

  [[nodiscard]] double mean() const;
  /// The value that `percent` of the recorded ones do not exceed: the upper end of its bucket, at
  /// most max(). Zero when nothing was recorded.
  [[nodiscard]] std::int64_t percentile(double percent) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace load
