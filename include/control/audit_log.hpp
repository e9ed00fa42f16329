// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/lock_guarded.hpp"
#include "control/log.hpp"
#include "turn/surroundings.hpp"

#include <array>

namespace control {

/// What workers report, as log lines. A refused credential is told once a minute for each name,
/// reason and address, however often its client comes again, and of a flood of names only
/// kRefusalsPerMinute; how many were left out is told. An ordinary first request is no refusal; a
/// stale nonce is told at debug.
class AuditLog final : public turn::AuditSink {
 public:
  explicit AuditLog(Log& log) : log_(log) {}

  void on_allocation_created(const turn::Allocation& allocation, base::Now now) override;
  void on_allocation_ended(const turn::Allocation& allocation,
                           turn::EndReason reason,
                           base::Now now) override;
  void on_credential_refused(const base::FiveTuple& client,
                             std::string_view username,
                             const auth::Refusal& refusal,
                             base::Now now) override;
  void on_request_refused(const base::FiveTuple& client,
                          std::string_view username,
                          stun::Method method,
                          stun::ErrorCode code,
                          base::Now now) override;

 private:
  static constexpr std::size_t kToldSize = 1024;
  static constexpr unsigned kRefusalsPerMinute = 60;

  /// What was told lately, by hash: a fixed table in which a newer one takes the place of an older.
  struct Told {
    std::size_t hash = 0;
    base::Instant until;
  };

  struct Refusals {
    std::array<Told, kToldSize> told;
    base::Instant minute_began;
    unsigned in_minute = 0;
    std::uint64_t left_out = 0;
  };

  /// Whether to tell it; `left_out` is how many of the minute before were not told.
  [[nodiscard]] bool is_worth_a_line(std::size_t hash, base::Instant now, std::uint64_t& left_out);

  Log& log_;
  base::LockGuarded<Refusals> refusals_;
};

}  // namespace control
