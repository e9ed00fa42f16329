// SPDX-License-Identifier: Apache-2.0
#include "relay/inbox.hpp"

#include "support/loopback.hpp"
#include "support/test.hpp"

#include <thread>

using relay::Neighbours;
using relay::RelayedBatch;

namespace {

RelayedBatch batch_of(std::size_t entries, std::size_t bytes) {
  RelayedBatch batch;
  batch.entries.resize(entries);
  batch.bytes.resize(bytes);
  return batch;
}

}  // namespace

TEST_GROUP(Inbox) {
  net::Loop loop;
  int calls = 0;
  relay::Inbox inbox{loop, [this] { ++calls; }};
};

TEST(Inbox, StartsEmpty) {
  const relay::Inbox::Content content = inbox.take();
  CHECK_TRUE(content.batches.empty());
  CHECK_TRUE(content.snapshot == nullptr);
  CHECK_FALSE(content.coalesce.has_value());
  CHECK_EQUAL(0U, content.pings);
  CHECK_FALSE(content.stop);
}

TEST(Inbox, GivesAllThatWasPostedOnce) {
  const auto snapshot = std::make_shared<const turn::Snapshot>();
  std::thread other([&] {
    static_cast<void>(inbox.post_batch(batch_of(2, 10)));
    static_cast<void>(inbox.post_batch(batch_of(1, 20)));
    inbox.post_snapshot(nullptr, std::chrono::microseconds(1));
    inbox.post_snapshot(snapshot, std::chrono::microseconds(2));
    inbox.post_ping();
    inbox.post_ping();
    inbox.post_stop();
  });
  other.join();
  CHECK_TRUE(support::run_until(loop, [this] { return calls > 0; }));
  const relay::Inbox::Content content = inbox.take();
  CHECK_EQUAL(2U, content.batches.size());
  CHECK_EQUAL(20U, content.batches[1].bytes.size());
  CHECK_TRUE(content.snapshot == snapshot);
  CHECK_TRUE(content.coalesce == std::chrono::microseconds(2));
  CHECK_EQUAL(2U, content.pings);
  CHECK_TRUE(content.stop);
  CHECK_TRUE(inbox.take().batches.empty());
}

TEST(Inbox, IsBoundedInBytes) {
  std::size_t taken = 0;
  while (inbox.post_batch(batch_of(1, 100'000))) {
    taken += 100'000;
    CHECK_TRUE(taken <= Neighbours::kInboxBytesMax);
  }
  CHECK_TRUE(taken > Neighbours::kInboxBytesMax - 200'000);
  // Once it was emptied it takes as much again.
  static_cast<void>(inbox.take());
  CHECK_TRUE(inbox.post_batch(batch_of(1, 100'000)));
}

TEST(Inbox, DatagramsWithoutBytesFillItToo) {
  std::size_t entries = 0;
  while (inbox.post_batch(batch_of(1'000, 0))) {
    entries += 1'000;
    CHECK_TRUE(entries * sizeof(RelayedBatch::Entry) <= Neighbours::kInboxBytesMax);
  }
  CHECK_TRUE(entries > 0);
}
