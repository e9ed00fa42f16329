// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "base/lock_guarded.hpp"
#include "control/log.hpp"
#include "turn/surroundings.hpp"

namespace control {

/// What workers report, as log lines. A refused credential is told once a minute for each name, reason and address,
/// however often its client comes again; an ordinary first request and a stale nonce only at debug.
class AuditLog final : public turn::AuditSink {
 public:
  explicit AuditLog(Log& log) : log_(log) {}

  void on_allocation_created(const turn::Allocation& allocation, base::Now now) override;
  void on_allocation_ended(const turn::Allocation& allocation, turn::EndReason reason, base::Now now) override;
  void on_credential_refused(const base::FiveTuple& client, std::string_view username,
                             const auth::Refusal& refusal, base::Now now) override;
  void on_request_refused(const base::FiveTuple& client, std::string_view username, stun::Method method,
                          stun::ErrorCode code, base::Now now) override;

 private:
  /// What was told lately, by hash; a fixed table in which a newer one takes the place of an older.
  struct Told {
    std::size_t hash = 0;
    base::Instant until;
  };
  static constexpr std::size_t kToldSize = 1024;
  static constexpr std::chrono::seconds kToldFor{60};

  [[nodiscard]] bool is_news(std::size_t hash, base::Instant now);

  Log& log_;
  base::LockGuarded<std::array<Told, kToldSize>> told_;
};

}  // namespace control
