// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turn/server.hpp"

namespace turn {

/// What EVEN-PORT asks for: RFC 8656 §18.7.
enum class PortDemand : std::uint8_t { Any, Even, EvenAndReserveNext };

/// What an Allocate request asks for, once it has passed the checks of RFC 8656 §7.2.
struct Server::AllocateDemand {
  bool ipv4 = false;
  bool ipv6 = false;
  bool is_dual = false;  ///< ADDITIONAL-ADDRESS-FAMILY: one of the two may fail.
  PortDemand port = PortDemand::Any;
  std::optional<ReservationToken> token;
  std::chrono::seconds lifetime{0};
};

}  // namespace turn
