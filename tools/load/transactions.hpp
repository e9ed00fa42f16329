// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/deadline_queue.hpp"
#include "base/random.hpp"
#include "load/client_links.hpp"
#include "load/turn_client.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace load {

/// Leads clients through sequences of requests: sends, retransmits over UDP (RFC 8489 §6.2.1),
/// answers challenges, gives up in time.
class Transactions {
 public:
  struct Options {
    std::int64_t timeout = 0;  ///< Nanoseconds until an unanswered request fails.
    bool retransmit = true;    ///< False over TCP.
    std::uint32_t clients = 0;
  };

  /// How a client's sequence ended.
  struct Completion {
    std::uint32_t client = 0;
    std::optional<std::string> failure;  ///< A sentence; nothing when all went well.
  };

  /// `clients` may still be empty, and will hold `options.clients`.
  Transactions(std::vector<TurnClient>& clients,
               ClientLinks& links,
               base::RandomSource& random,
               Options options);

  /// Takes a client through `steps`, which must outlive the sequence. A sequence that is under way
  /// is dropped.
  void start(std::uint32_t client, std::span<const Step> steps, std::int64_t now);
  void on_message(std::uint32_t client, base::Bytes message, std::int64_t now);
  /// Ends what a client is doing, as failed.
  void fail(std::uint32_t client, std::string why);
  /// Retransmits and gives up what is due.
  void run_due(std::int64_t now);

  [[nodiscard]] std::size_t active() const { return active_; }

  /// Challenges answered since the start: 401 and 438.
  [[nodiscard]] std::uint64_t challenges() const { return challenges_; }

  [[nodiscard]] std::uint64_t retransmissions() const { return retransmissions_; }

  /// How often a client had to take another 5-tuple: 437.
  [[nodiscard]] std::uint64_t moves() const { return moves_; }

  /// The earliest moment at which run_due() has something to do.
  [[nodiscard]] std::optional<std::int64_t> next_deadline() const;
  /// What has ended since the last call.
  [[nodiscard]] std::vector<Completion> take_completions();

 private:
  struct Sequence {
    std::span<const Step> steps;  // Those not yet done; the first is under way.
    std::int64_t started_at = 0;  // The request that is out.
    std::int64_t due_at = 0;      // Its next retransmission, or its end.
    std::int64_t queued_at = 0;   // The earliest entry in the queue; 0: none.
    std::int64_t retransmit_after = 0;
    bool is_active = false;
  };

  void send(std::uint32_t client, base::Bytes message);
  void begin_step(std::uint32_t client, std::int64_t now);
  void arm(std::uint32_t client, std::int64_t now);
  void finish(std::uint32_t client, std::optional<std::string> failure);

  std::vector<TurnClient>& clients_;
  ClientLinks& links_;
  base::RandomSource& random_;
  Options options_;
  std::vector<Sequence> sequences_;
  base::DeadlineQueue<std::uint32_t> deadlines_;
  std::vector<Completion> completions_;
  std::vector<std::byte> buffer_;
  std::size_t active_ = 0;
  std::uint64_t challenges_ = 0;
  std::uint64_t retransmissions_ = 0;
  std::uint64_t moves_ = 0;
};

}  // namespace load
