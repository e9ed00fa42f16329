// SPDX-License-Identifier: Apache-2.0
#include "control/allocation_ledger.hpp"

#include "base/check.hpp"

namespace control {

AllocationLedger::Verdict AllocationLedger::take(const std::string& user,
                                                 std::uint32_t per_user,
                                                 std::uint32_t total) {
  return counts_.with([&](Counts& counts) {
    if (total != 0 && counts.total >= total) {
      return Verdict::ServerLimit;
    }
    std::uint32_t& count = counts.by_user[user];
    if (per_user != 0 && count >= per_user) {
      return Verdict::UserLimit;
    }
    ++count;
    ++counts.total;
    return Verdict::Granted;
  });
}

void AllocationLedger::give_back(const std::string& user) {
  counts_.with([&](Counts& counts) {
    const auto found = counts.by_user.find(user);
    CHECK(found != counts.by_user.end() && found->second > 0);
    --counts.total;
    // A user without allocations is forgotten: names are the clients' choice and without end.
    if (--found->second == 0) {
      counts.by_user.erase(found);
    }
  });
}

std::uint64_t AllocationLedger::total() {
  return counts_.with([](const Counts& counts) { return counts.total; });
}

}  // namespace control
