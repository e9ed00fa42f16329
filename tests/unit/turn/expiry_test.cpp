// SPDX-License-Identifier: Apache-2.0
#include "support/turn_test.hpp"

namespace {

using std::chrono::seconds;
using stun::AttributeType;
using support::lines;
using support::TurnSetup;

base::Cidr cidr(std::string_view text) {
  return *base::Cidr::parse(text);
}

}  // namespace

TEST_GROUP_BASE(Expiry, support::TurnTest){bool is_alive(const support::TestClient& client) const {
    return bench.server.find_client(client.five_tuple).has_value();
}
}
;

TEST(Expiry, NothingIsDueWithoutAllocations) {
  CHECK_FALSE(bench.server.next_deadline().has_value());
}

TEST(Expiry, AllocationEndsWithItsLifetime) {
  alice.have_allocation();
  CHECK_EQUAL(std::optional(bench.clock.now().monotonic + seconds{600}),
              bench.server.next_deadline());
  bench.advance(seconds{600} - std::chrono::nanoseconds{1});
  CHECK_TRUE(is_alive(alice));
  static_cast<void>(bench.take_log());
  bench.advance(std::chrono::nanoseconds{1});
  LOG_EQUAL(lines({"close 192.0.2.10:50000", "ended alice: expired", "gone 198.51.100.1:40000"}),
            bench.take_log());
  CHECK_FALSE(is_alive(alice));
  CHECK_EQUAL(0U, bench.quota.total());
  CHECK_EQUAL(std::size_t{0}, bench.ports.in_use());
  CHECK_EQUAL(0U, bench.counters.allocations_live.value());
  CHECK_FALSE(bench.server.next_deadline().has_value());
}

TEST(Expiry, EarliestDeadlineOfAnythingIsNext) {
  alice.have_allocation();
  bench.advance(seconds{10});
  alice.have_permission(kPeer);
  CHECK_EQUAL(std::optional(bench.clock.now().monotonic + seconds{300}),
              bench.server.next_deadline());
}

TEST(Expiry, AllocationsEndEachAtItsTime) {
  alice.have_allocation();
  bench.advance(seconds{1});
  bob.have_allocation();
  bench.advance(seconds{599});
  CHECK_FALSE(is_alive(alice));
  CHECK_TRUE(is_alive(bob));
  bench.advance(seconds{1});
  CHECK_FALSE(is_alive(bob));
}

TEST(Expiry, LongSleepEndsEverythingAtOnce) {
  alice.have_allocation();
  alice.have_channel(0x4000, kPeer);
  bob.have_allocation();
  bob.have_permission(kPeer);
  bench.advance(std::chrono::hours{48});
  CHECK_EQUAL(0U, bench.server.allocations().size());
  CHECK_TRUE(bench.open_sockets().empty());
  CHECK_FALSE(bench.server.next_deadline().has_value());
}

TEST(Expiry, WallClockJumpsChangeNothing) {
  alice.have_allocation();
  alice.have_permission(kPeer);
  for (const auto jump : {std::chrono::hours{87'600}, std::chrono::hours{-175'200}}) {
    bench.clock.jump_wall(jump);
    bench.advance(seconds{100});
    CHECK_TRUE(is_alive(alice));
    LOG_EQUAL("indication", alice.from_peer(kPeer));
  }
}

TEST(Expiry, NewAllocationOnTheSameFiveTupleHasALifeOfItsOwn) {
  alice.have_allocation();
  bench.advance(seconds{300});
  static_cast<void>(alice.send(alice.refresh(0)));
  alice.have_allocation();
  bench.advance(seconds{300});
  CHECK_TRUE(is_alive(alice));
  bench.advance(seconds{300});
  CHECK_FALSE(is_alive(alice));
}

TEST(Expiry, ClosedStreamEndsItsAllocation) {
  support::TestClient stream(bench, "198.51.100.1:40000", "alice", base::Transport::Tcp);
  stream.have_allocation();
  alice.have_allocation();
  static_cast<void>(bench.take_log());
  bench.server.on_client_gone(stream.five_tuple, bench.clock.now());
  LOG_EQUAL(
      lines(
          {"close 192.0.2.10:50000", "ended alice: connection closed", "gone 198.51.100.1:40000"}),
      bench.take_log());
  CHECK_TRUE(is_alive(alice));
  // Streams without an allocation close as well.
  bench.server.on_client_gone(stream.five_tuple, bench.clock.now());
  LOG_EQUAL("", bench.take_log());
}

TEST(Expiry, StopEndsEverything) {
  alice.have_allocation();
  bob.have_allocation();
  static_cast<void>(bench.take_log());
  bench.server.stop(bench.clock.now());
  LOG_EQUAL(lines({"close 192.0.2.10:50000",
                   "ended alice: server stopped",
                   "gone 198.51.100.1:40000",
                   "close 192.0.2.10:50001",
                   "ended bob: server stopped",
                   "gone 198.51.100.2:40000"}),
            bench.take_log());
  CHECK_EQUAL(0U, bench.quota.total());
  bench.advance(seconds{600});
  LOG_EQUAL("", bench.take_log());
}

TEST(Expiry, ReloadTakesPermissionsThatAreForbiddenNow) {
  alice.have_allocation();
  alice.have_channel(0x4000, "9.9.9.9:1");
  alice.have_channel(0x4001, "8.8.8.8:1");
  bench.reload([](TurnSetup& setup) { setup.deny = {cidr("9.0.0.0/8")}; });
  LOG_EQUAL("-", alice.channel_data(0x4000));
  LOG_EQUAL("-", alice.send_data("9.9.9.9:1"));
  LOG_EQUAL("-", alice.from_peer("9.9.9.9:1"));
  LOG_EQUAL("v4 to 8.8.8.8:1", alice.channel_data(0x4001));
  LOG_EQUAL("channel 16385", alice.from_peer("8.8.8.8:1"));
}

TEST(Expiry, ReloadOpensWhatIsAllowedNow) {
  alice.have_allocation();
  LOG_EQUAL(refused(alice, "CreatePermission", stun::ErrorCode::Forbidden),
            alice.send(alice.create_permission({"10.0.0.1:1"})));
  bench.reload([](TurnSetup& setup) { setup.allow = {cidr("10.0.0.0/8")}; });
  alice.have_permission("10.0.0.1:1");
  bench.reload([](TurnSetup& setup) { setup.allow.clear(); });
  LOG_EQUAL("-", alice.from_peer("10.0.0.1:1"));
}

TEST(Expiry, ReloadKeepsAllocationsAndTheirLifetimes) {
  alice.have_allocation();
  bench.reload([](TurnSetup& setup) { setup.policy.lifetime_max = seconds{600}; });
  bench.advance(seconds{599});
  CHECK_TRUE(is_alive(alice));
}

TEST(Expiry, DeadlinesOfEndedAllocationsDoNotPileUp) {
  alice.have_allocation();
  const auto alices_end = bench.clock.now().monotonic + seconds{600};
  bench.advance(seconds{1});
  for (int i = 0; i < 1'500; ++i) {
    bob.have_allocation();
    static_cast<void>(bob.send(bob.refresh(0)));
  }
  CHECK_TRUE(bench.server.waiting_deadlines() <= 1'025);
  CHECK_EQUAL(std::optional(alices_end), bench.server.next_deadline());
  bench.advance(seconds{599});
  CHECK_FALSE(is_alive(alice));
}

TEST(Expiry, ManyAllocationsKeepEachItsDeadline) {
  support::TurnBench large([] {
    TurnSetup setup;
    setup.policy.allocations_per_user = 0;
    setup.relay_ports = {40'000, 59'999};
    return setup;
  }());
  large.random.scatter();
  for (std::uint16_t port = 1; port <= 1'100; ++port) {
    support::TestClient client(large, "198.51.100.9:" + std::to_string(port));
    client.have_allocation();
    client.have_permission(kPeer);
  }
  large.advance(seconds{599});
  CHECK_EQUAL(1'100U, large.server.allocations().size());
  large.advance(seconds{1});
  CHECK_EQUAL(0U, large.server.allocations().size());
  CHECK_EQUAL(std::size_t{0}, large.server.waiting_deadlines());
}

TEST(Expiry, ManyCyclesLeaveNothingBehind) {
  for (int i = 0; i < 200; ++i) {
    static_cast<void>(alice.send(alice.allocate().add_u32(AttributeType::Lifetime, 3'600)));
    alice.have_channel(0x4000, kPeer);
    static_cast<void>(alice.send(alice.refresh(0)));
  }
  CHECK_EQUAL(0U, bench.server.allocations().size());
  CHECK_EQUAL(0U, bench.quota.total());
  CHECK_EQUAL(std::size_t{0}, bench.ports.in_use());
  bench.advance(std::chrono::hours{1});
  CHECK_FALSE(bench.server.next_deadline().has_value());
}
