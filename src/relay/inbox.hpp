// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/lock_guarded.hpp"
#include "net/timer.hpp"
#include "relay/neighbours.hpp"
#include "turn/snapshot.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace relay {

/// What other threads have for a worker. One lock a loop turn, none a datagram.
class Inbox {
 public:
  struct Content {
    std::vector<RelayedBatch> batches;
    std::size_t batch_bytes = 0;
    std::shared_ptr<const turn::Snapshot> snapshot;
    std::optional<base::Duration> coalesce;
    std::uint64_t pings = 0;
    bool stop = false;
  };

  Inbox(net::Loop& loop, std::function<void()> on_mail) : wakeup_(loop, std::move(on_mail)) {}

  [[nodiscard]] bool post_batch(RelayedBatch batch) {
    // Datagrams without a payload take memory too.
    const std::size_t size =
        batch.bytes.size() + batch.entries.size() * sizeof(RelayedBatch::Entry);
    const bool fits = content_.with([&](Content& content) {
      if (content.batch_bytes + size > Neighbours::kInboxBytesMax) {
        return false;
      }
      content.batch_bytes += size;
      content.batches.push_back(std::move(batch));
      return true;
    });
    wakeup_.wake();
    return fits;
  }

  void post_snapshot(std::shared_ptr<const turn::Snapshot> snapshot, base::Duration coalesce) {
    content_.with([&](Content& content) {
      content.snapshot = std::move(snapshot);
      content.coalesce = coalesce;
    });
    wakeup_.wake();
  }

  void post_ping() {
    content_.with([](Content& content) { ++content.pings; });
    wakeup_.wake();
  }

  void post_stop() {
    content_.with([](Content& content) { content.stop = true; });
    wakeup_.wake();
  }

  [[nodiscard]] Content take() {
    return content_.with([](Content& content) { return std::exchange(content, {}); });
  }

 private:
  base::LockGuarded<Content> content_;
  net::Wakeup wakeup_;
};

}  // namespace relay
