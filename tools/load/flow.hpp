// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace load {

/// Which of the last 256 sequence numbers of one client came back, so that a second copy is told
/// from the first.
class SequenceWindow {
 public:
  enum class Verdict : std::uint8_t { First, Again, TooOld };

  [[nodiscard]] Verdict note(std::uint32_t sequence) {
    if (sequence >= next_) {
      advance_to(sequence);
    } else if (next_ - sequence > kSize) {
      return Verdict::TooOld;
    }
    std::uint64_t& word = words_[(sequence / 64) % words_.size()];
    const std::uint64_t bit = std::uint64_t{1} << (sequence % 64);
    const bool seen = (word & bit) != 0;
    word |= bit;
    return seen ? Verdict::Again : Verdict::First;
  }

 private:
  static constexpr std::uint32_t kSize = 256;

  void advance_to(std::uint32_t sequence) {
    if (sequence - next_ >= kSize) {
      words_.fill(0);
      next_ = sequence + 1;
      return;
    }
    for (; next_ <= sequence; ++next_) {
      words_[(next_ / 64) % words_.size()] &= ~(std::uint64_t{1} << (next_ % 64));
    }
  }

  std::array<std::uint64_t, kSize / 64> words_{};
  std::uint32_t next_ = 0;  // One past the highest number seen.
};

/// The datagrams of one client that are on their way. A later one that arrives settles all before
/// it: the paths keep the order, so those are lost, and a full window does not wait for them.
class Flow {
 public:
  [[nodiscard]] std::uint32_t next_sequence() const { return next_; }

  [[nodiscard]] std::uint32_t outstanding() const { return next_ - settled_; }

  void on_sent(std::uint32_t count, std::int64_t now) {
    if (outstanding() == 0) {
      progress_at_ = now;
    }
    next_ += count;
  }

  /// How many became settled by this one. Numbers that were never sent settle nothing.
  [[nodiscard]] std::uint32_t on_arrived(std::uint32_t sequence, std::int64_t now) {
    if (sequence < settled_ || sequence >= next_) {
      return 0;
    }
    const std::uint32_t count = sequence + 1 - settled_;
    settled_ = sequence + 1;
    progress_at_ = now;
    return count;
  }

  /// Gives up on what has been out since before `since` without any progress; how many those were.
  [[nodiscard]] std::uint32_t give_up(std::int64_t since) {
    const std::uint32_t count = progress_at_ < since ? outstanding() : 0;
    settled_ += count;
    return count;
  }

  [[nodiscard]] SequenceWindow& window() { return window_; }

 private:
  std::uint32_t next_ = 0;
  std::uint32_t settled_ = 0;
  std::int64_t progress_at_ = 0;
  SequenceWindow window_;
};

}  // namespace load
