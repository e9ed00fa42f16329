// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/check.hpp"
#include "turn/surroundings.hpp"

#include <map>
#include <string>

namespace support {

/// Counts allocations by user as the real gate does, in one thread.
class FakeQuota final : public turn::QuotaGate {
 public:
  Verdict take(const std::string& user, std::uint32_t per_user, std::uint32_t total) override {
    if (per_user != 0 && count(user) >= per_user) {
      return Verdict::UserLimit;
    }
    if (total != 0 && total_ >= total) {
      return Verdict::ServerLimit;
    }
    ++counts_[user];
    ++total_;
    return Verdict::Granted;
  }

  void give_back(const std::string& user) override {
    CHECK(counts_[user] > 0);
    --counts_[user];
    --total_;
  }

  [[nodiscard]] std::uint32_t count(const std::string& user) const {
    const auto found = counts_.find(user);
    return found == counts_.end() ? 0 : found->second;
  }

  [[nodiscard]] std::uint32_t total() const { return total_; }

 private:
  std::map<std::string, std::uint32_t> counts_;
  std::uint32_t total_ = 0;
};

}  // namespace support
