// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/check.hpp"

#include <memory>

namespace relay {

/// Bytes that live until the next flush: headers, and copies of what will not live that long.
class Scratch {
 public:
  static constexpr std::size_t kSize = 256 * 1024;

  [[nodiscard]] bool has_room(std::size_t size) const { return used_ + size <= kSize; }

  [[nodiscard]] base::MutableBytes take(std::size_t size) {
    CHECK(has_room(size));
    const base::MutableBytes taken(memory_.get() + used_, size);
    used_ += size;
    return taken;
  }

  void clear() { used_ = 0; }

 private:
  // Not value-initialised: pages that are never used are never touched.
  std::unique_ptr<std::byte[]> memory_{std::make_unique_for_overwrite<std::byte[]>(kSize)};
  std::size_t used_ = 0;
};

}  // namespace relay
