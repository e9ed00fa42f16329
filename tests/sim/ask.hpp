// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/authenticator.hpp"
#include "base/clock.hpp"
#include "turn/relay_ports.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sim {

/// Who a client says it is. `user` is what quotas count by.
struct Account {
  std::string username;
  std::string user;
  std::string password;
  std::optional<base::WallTime> expiry;
};

/// What EVEN-PORT asks for.
enum class PortWish : std::uint8_t { Any, Even, EvenAndReserveNext };

/// A request as its client means it. It travels beside the bytes, so that the reference model need
/// not parse.
struct Ask {
  stun::Method method = stun::Method::Allocate;
  stun::TransactionId id{};
  Account account;

  bool is_signed = true;
  bool has_right_password = true;
  std::string nonce;
  base::Instant nonce_made;          ///< When the server made the nonce,
  base::TransportAddress nonce_for;  ///< and for whom.

  std::uint8_t protocol = 17;          ///< REQUESTED-TRANSPORT.
  std::optional<std::uint8_t> family;  ///< REQUESTED-ADDRESS-FAMILY.
  bool wants_both_families = false;    ///< ADDITIONAL-ADDRESS-FAMILY.
  PortWish port_wish = PortWish::Any;
  std::optional<turn::ReservationToken> token;
  std::optional<std::uint32_t> lifetime;
  std::vector<base::TransportAddress> peers;
  std::uint16_t channel_number = 0;
};

/// The message that says it.
[[nodiscard]] std::vector<std::byte> encode(const Ask& ask, std::string_view realm);

/// What the server answered, taken apart.
struct Answer {
  int code = 0;  ///< 0: success.
  std::optional<std::uint32_t> lifetime;
  std::vector<base::TransportAddress> relayed;
  std::optional<turn::ReservationToken> token;
  std::optional<base::Family> missing_family;  ///< Of ADDRESS-ERROR-CODE.
  std::optional<std::string> nonce;
  bool has_right_integrity = false;  ///< Present, and right by the account's key.
};

/// Takes an answer to this request apart; nothing when it is none.
[[nodiscard]] std::optional<Answer> decode(base::Bytes message,
                                           const Ask& ask,
                                           std::string_view realm);

}  // namespace sim
