// SPDX-License-Identifier: Apache-2.0
#include "turn/surroundings.hpp"

namespace turn {

std::string_view to_text(EndReason reason) {
  switch (reason) {
    case EndReason::Expired:
      return "expired";
    case EndReason::Deleted:
      return "deleted";
    case EndReason::ConnectionClosed:
      return "connection closed";
    case EndReason::Stopped:
      return "server stopped";
  }
  return "?";
}

std::string_view to_text(auth::RefusalReason reason) {
  switch (reason) {
    case auth::RefusalReason::NoCredentials:
      return "no credentials yet";
    case auth::RefusalReason::MissingAttributes:
      return "username, realm or nonce is missing";
    case auth::RefusalReason::BadAlgorithms:
      return "password algorithms are not those offered";
    case auth::RefusalReason::WrongRealm:
      return "wrong realm";
    case auth::RefusalReason::UnknownUser:
      return "no such user, and not a time-limited name";
    case auth::RefusalReason::WrongPassword:
      return "no secret or password matches";
    case auth::RefusalReason::Expired:
      return "expired";
    case auth::RefusalReason::StaleNonce:
      return "stale nonce";
  }
  return "?";
}

}  // namespace turn
