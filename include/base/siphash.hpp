// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>

namespace base {

/// Secret key of a hash over values that an attacker chooses.
struct SipKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

/// SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF"), for tables keyed by
/// addresses: without the key nobody can choose addresses that share a bucket.
[[nodiscard]] std::uint64_t siphash(const SipKey& key, Bytes data);

}  // namespace base
