// SPDX-License-Identifier: Apache-2.0
#include "base/check.hpp"
#include "turn/server.hpp"

#include <algorithm>

// How things end: lifetimes, deletion, reload, stop.

namespace turn {

void Server::wake_at(AllocationId id, base::Instant due) {
  Allocation& allocation = *table_.get(id);
  // One entry a deadline that moved closer: an entry that rings too early looks again and goes back
  // to sleep.
  if (due < allocation.next_wake) {
    allocation.next_wake = due;
    push_deadline(due, {DeadlineKind::Allocation, id, {}});
  }
}

void Server::push_deadline(base::Instant due, const Deadline& deadline) {
  // An ended allocation leaves its entry behind. A client that allocates and deletes all the time
  // would fill the memory with an hour's worth of them; dropping them whenever the queue has
  // doubled costs next to nothing.
  if (deadlines_.size() >= prune_deadlines_at_) {
    deadlines_.prune([&](base::Instant waiting, const Deadline& entry) {
      const Allocation* const allocation = table_.get(entry.allocation);
      return entry.kind == DeadlineKind::Allocation &&
             (allocation == nullptr || allocation->next_wake != waiting);
    });
    prune_deadlines_at_ = std::max(kPruneDeadlinesMin, 2 * deadlines_.size());
  }
  deadlines_.push(due, deadline);
}

void Server::on_deadline(base::Now now) {
  while (const auto due = deadlines_.pop_due(now.monotonic)) {
    if (due->kind == DeadlineKind::Reservation) {
      expire_reservation(due->token, now);
    } else {
      expire_allocation(due->allocation, now);
    }
  }
}

void Server::expire_allocation(AllocationId id, base::Now now) {
  Allocation* const allocation = table_.get(id);
  if (allocation == nullptr || allocation->next_wake > now.monotonic) {
    return;  // Ended meanwhile, or a later entry stands for it.
  }
  for (const base::Family family : {base::Family::IPv4, base::Family::IPv6}) {
    if (const Relay* relay = allocation->relay(family);
        relay != nullptr && relay->expires <= now.monotonic) {
      remove_relay(id, family);
      allocation->forget_family(family);
    }
  }
  if (!allocation->has_relay()) {
    remove_allocation(id, EndReason::Expired, now);
    return;
  }
  allocation->expire_entries(now.monotonic);
  allocation->next_wake = base::Instant::max();
  wake_at(id, allocation->next_expiry());
}

void Server::expire_reservation(const ReservationToken& token, base::Now now) {
  if (const auto expired = shared_.ports.expire_reservation(token, now.monotonic)) {
    shared_.ports.release(expired->address_index, expired->port);
    shared_.quota.give_back(expired->user);
  }
}

void Server::remove_relay(AllocationId id, base::Family family) {
  Allocation& allocation = *table_.get(id);
  const Relay* const relay = allocation.relay(family);
  if (relay == nullptr) {
    return;
  }
  outputs_.close_relay({id, family});
  table_.forget_relay(id, family);
  shared_.ports.release(relay->address_index, relay->local.port);
  allocation.relays[index_of(family)].reset();
}

void Server::remove_allocation(AllocationId id, EndReason reason, base::Now now) {
  for (const base::Family family : {base::Family::IPv4, base::Family::IPv6}) {
    remove_relay(id, family);
  }
  const Allocation& allocation = *table_.get(id);
  shared_.audit.on_allocation_ended(allocation, reason, now);
  shared_.quota.give_back(allocation.identity.user);
  outputs_.allocation_gone(allocation.five_tuple);
  counters_.allocations_live.subtract();
  table_.remove(id);
}

void Server::on_client_gone(const base::FiveTuple& client, base::Now now) {
  if (const auto id = table_.find(client)) {
    remove_allocation(*id, EndReason::ConnectionClosed, now);
  }
}

void Server::apply_peer_rules(Allocation& allocation) {
  const PeerFilter& peers = snapshot_->peers;
  allocation.channels.remove_if(
      [&](const Channel& channel) { return peers.judge(channel.peer) == PeerVerdict::Forbidden; });
  allocation.permissions.remove_if([&](const Permission& permission) {
    return peers.judge_permission(permission.ip) == PeerVerdict::Forbidden;
  });
  for (Channel& channel : allocation.channels.entries()) {
    channel.is_own_relayed = peers.judge(channel.peer) == PeerVerdict::OwnRelayed;
  }
  for (Permission& permission : allocation.permissions.entries()) {
    permission.is_own_relay = peers.judge_permission(permission.ip) == PeerVerdict::OwnRelayed;
  }
  allocation.update_permitted();
}

void Server::on_snapshot(std::shared_ptr<const Snapshot> snapshot, base::Now /*now*/) {
  CHECK(snapshot != nullptr);
  snapshot_ = std::move(snapshot);
  table_.for_each(
      [&](AllocationId /*id*/, Allocation& allocation) { apply_peer_rules(allocation); });
}

void Server::stop(base::Now now) {
  std::vector<AllocationId> all;
  table_.for_each([&](AllocationId id, Allocation& /*allocation*/) { all.push_back(id); });
  for (const AllocationId id : all) {
    remove_allocation(id, EndReason::Stopped, now);
  }
}

}  // namespace turn
