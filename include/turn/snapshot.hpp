// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/credentials.hpp"
#include "turn/peer_filter.hpp"
#include "turn/policy.hpp"

namespace turn {

/// What a reload changes, immutable and swapped whole. Workers hold it by shared_ptr to const.
struct Snapshot {
  Policy policy;
  auth::Credentials credentials;
  PeerFilter peers;
  std::uint64_t generation = 0;  ///< Grows by one with each reload.
};

}  // namespace turn
