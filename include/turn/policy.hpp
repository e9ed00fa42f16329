// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace turn {

/// RFC 8656 §6: what an allocation gets that asks for nothing.
inline constexpr std::chrono::seconds kLifetimeDefault{600};
/// RFC 8656 §9: "MUST be 300 seconds".
inline constexpr std::chrono::seconds kPermissionLifetime{300};
/// RFC 8656 §12: a channel binding lasts 10 minutes.
inline constexpr std::chrono::seconds kChannelLifetime{600};
/// RFC 8656 §7.2: a reservation is held for at least 30 seconds; one more, as a turn reads the
/// clock once.
inline constexpr std::chrono::seconds kReservationLifetime{31};
/// Relayed ports tried when binding one fails, before the answer is 508.
inline constexpr unsigned kBindAttemptsMax = 8;
/// Worst ratio of an unauthenticated answer to its request, in tenths, IP and UDP headers included.
inline constexpr unsigned kAmplificationTenthsMax = 25;

/// Every limit and lifetime of the relay that configuration may change. Swapped whole on reload.
struct Policy {
  std::string software;  ///< SOFTWARE attribute of authenticated answers; empty: none.
  std::chrono::seconds lifetime_max{3600};  ///< RFC 8656 §7.2: no more than an hour. At least 600.
  std::chrono::seconds nonce_lifetime{3600};  ///< RFC 8656 §5: at least once an hour a new one.
  std::uint32_t allocations = 0;              ///< Whole server; 0: as many as there are ports.
  std::uint32_t allocations_per_user = 12;    ///< 0: no limit.
  std::uint32_t permissions_per_allocation = 64;
  std::uint32_t channels_per_allocation = 64;
  std::uint32_t unauthenticated_per_second =
      50;                      ///< Answers a source (/32, /64) gets; 0: no limit.
  bool strict_expiry = false;  ///< Expired credentials cannot refresh either.
  bool classic_stun = false;   ///< Answer RFC 3489 clients.
};

}  // namespace turn
