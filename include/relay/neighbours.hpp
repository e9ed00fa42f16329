// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "turn/relay_ports.hpp"

#include <vector>

namespace relay {

/// Datagrams on their way from one worker's allocations to another's, handed over once a loop turn.
struct RelayedBatch {
  struct Entry {
    base::TransportAddress relayed;  ///< The relayed address they are for, external form.
    base::TransportAddress source;   ///< The relayed address they come from.
    std::size_t offset = 0;
    std::size_t size = 0;
  };

  std::vector<Entry> entries;
  std::vector<std::byte> bytes;
};

/// The other workers, as one of them sees them.
class Neighbours {
 public:
  /// What waits for one worker at most, payload and entries; more is dropped and counted.
  static constexpr std::size_t kInboxBytesMax = 4 * 1024 * 1024;

  Neighbours() = default;
  Neighbours(const Neighbours&) = delete;
  Neighbours& operator=(const Neighbours&) = delete;
  Neighbours(Neighbours&&) = delete;
  Neighbours& operator=(Neighbours&&) = delete;
  virtual ~Neighbours() = default;

  /// Hands a batch to a worker; false when its inbox is full.
  [[nodiscard]] virtual bool hand_over(turn::WorkerIndex to, RelayedBatch batch) = 0;
};

}  // namespace relay
