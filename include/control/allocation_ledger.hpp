// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/lock_guarded.hpp"
#include "turn/surroundings.hpp"

#include <string>
#include <unordered_map>

namespace control {

/// Allocations by user over all workers: the one lock of the slow path.
class AllocationLedger final : public turn::QuotaGate {
 public:
  [[nodiscard]] Verdict take(const std::string& user,
                             std::uint32_t per_user,
                             std::uint32_t total) override;
  void give_back(const std::string& user) override;

  [[nodiscard]] std::uint64_t total();

 private:
  struct Counts {
    std::unordered_map<std::string, std::uint32_t> by_user;
    std::uint64_t total = 0;
  };

  base::LockGuarded<Counts> counts_;
};

}  // namespace control
