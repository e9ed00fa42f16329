// SPDX-License-Identifier: Apache-2.0
#include "support/turn_test.hpp"

namespace {

using std::chrono::seconds;
using stun::AttributeType;
using stun::ErrorCode;
using support::lines;
using support::RawMessage;
using support::TurnSetup;

constexpr std::uint8_t kIPv4 = 1;
constexpr std::uint8_t kIPv6 = 2;

}  // namespace

TEST_GROUP_BASE(Refresh, support::TurnTest){std::string refused_refresh(ErrorCode code)
                                                const {return refused(alice, "Refresh", code);
}

RawMessage refresh_family(std::uint32_t lifetime, std::uint8_t family) {
  return alice.refresh(lifetime).add_leading_u8(AttributeType::RequestedAddressFamily, family);
}

void have_dual_allocation() {
  static_cast<void>(
      alice.send(alice.allocate().add_leading_u8(AttributeType::AdditionalAddressFamily, kIPv6)));
  CHECK_EQUAL(std::size_t{2}, bench.open_sockets().size());
}

bool is_alive() const {
  return bench.server.find_client(alice.five_tuple).has_value();
}
}
;

TEST(Refresh, WithoutAllocationIs437) {
  LOG_EQUAL(refused_refresh(ErrorCode::AllocationMismatch), alice.send(alice.refresh(600)));
}

TEST(Refresh, OfAnotherUserIs441) {
  alice.have_allocation();
  alice.signer.username = "bob";
  LOG_EQUAL(refused_refresh(ErrorCode::WrongCredentials), alice.send(alice.refresh(0)));
  CHECK_TRUE(is_alive());
}

TEST(Refresh, GivesTheDefaultLifetimeToWhoAsksForNone) {
  alice.have_allocation();
  LOG_EQUAL(answered(alice, "Refresh success lifetime=600"),
            alice.send(alice.request(stun::Method::Refresh)));
}

TEST(Refresh, LifetimeIsAtLeastTheDefaultAndAtMostTheMaximum) {
  alice.have_allocation();
  LOG_EQUAL(answered(alice, "Refresh success lifetime=600"), alice.send(alice.refresh(1)));
  LOG_EQUAL(answered(alice, "Refresh success lifetime=1800"), alice.send(alice.refresh(1'800)));
  LOG_EQUAL(answered(alice, "Refresh success lifetime=3600"),
            alice.send(alice.refresh(UINT32_MAX)));
}

TEST(Refresh, LifetimeOfAnotherSizeIs400) {
  alice.have_allocation();
  LOG_EQUAL(refused_refresh(ErrorCode::BadRequest),
            alice.send(alice.request(stun::Method::Refresh).add(AttributeType::Lifetime, "")));
  CHECK_TRUE(is_alive());
}

TEST(Refresh, ProlongsTheAllocation) {
  alice.have_allocation();
  bench.advance(seconds{599});
  static_cast<void>(alice.send(alice.refresh(600)));
  bench.advance(seconds{599});
  CHECK_TRUE(is_alive());
  bench.advance(seconds{1});
  CHECK_FALSE(is_alive());
}

TEST(Refresh, ShortensTheAllocation) {
  static_cast<void>(alice.send(alice.allocate().add_u32(AttributeType::Lifetime, 3'600)));
  static_cast<void>(alice.send(alice.refresh(600)));
  bench.advance(seconds{600} - std::chrono::nanoseconds{1});
  CHECK_TRUE(is_alive());
  bench.advance(std::chrono::nanoseconds{1});
  CHECK_FALSE(is_alive());
}

TEST(Refresh, ZeroDeletesAtOnce) {
  alice.have_allocation();
  LOG_EQUAL(lines({"close 192.0.2.10:50000",
                   "ended alice: deleted",
                   "gone 198.51.100.1:40000",
                   answered(alice, "Refresh success lifetime=0")}),
            alice.send(alice.refresh(0)));
  CHECK_FALSE(is_alive());
  CHECK_EQUAL(0U, bench.quota.total());
  CHECK_EQUAL(std::size_t{0}, bench.ports.in_use());
  CHECK_EQUAL(0U, bench.counters.allocations_live.value());
  LOG_EQUAL(refused_refresh(ErrorCode::AllocationMismatch), alice.send(alice.refresh(0)));
}

TEST(Refresh, FiveTupleIsFreeAfterDeletion) {
  alice.have_allocation();
  static_cast<void>(alice.send(alice.refresh(0)));
  alice.have_allocation();
}

TEST(Refresh, OtherFamilyThanTheAllocationsIs443) {
  alice.have_allocation();
  for (const std::uint8_t family : std::initializer_list<std::uint8_t>{0, kIPv6, 3, 255}) {
    LOG_EQUAL(refused_refresh(ErrorCode::PeerAddressFamilyMismatch),
              alice.send(refresh_family(0, family)));
  }
  CHECK_TRUE(is_alive());
  LOG_EQUAL(answered(alice, "Refresh success lifetime=700"),
            alice.send(refresh_family(700, kIPv4)));
}

TEST(Refresh, FamilyOfAnotherSizeIs400) {
  alice.have_allocation();
  LOG_EQUAL(refused_refresh(ErrorCode::BadRequest),
            alice.send(alice.refresh(0).add_u8(AttributeType::RequestedAddressFamily, kIPv4)));
}

TEST(Refresh, OneFamilyOfADualAllocationMayBeDeleted) {
  have_dual_allocation();
  static_cast<void>(alice.send(alice.create_permission({kPeer, kPeer6})));
  alice.have_channel(0x4000, kPeer);
  alice.have_channel(0x4001, kPeer6);
  LOG_EQUAL(lines({"close 192.0.2.10:50000", answered(alice, "Refresh success lifetime=0")}),
            alice.send(refresh_family(0, kIPv4)));
  // The other family keeps its permissions and channels: RFC 8656 §8.1.
  LOG_EQUAL("-", alice.channel_data(0x4000));
  LOG_EQUAL("v6 to [2a00::9]:7000", alice.channel_data(0x4001));
  LOG_EQUAL("-", alice.send_data(kPeer));
  LOG_EQUAL("v6 to [2a00::9]:7000 \"data\"", alice.send_data(kPeer6));
  CHECK_EQUAL(1U, bench.quota.count("alice"));
  LOG_EQUAL(refused_refresh(ErrorCode::PeerAddressFamilyMismatch),
            alice.send(refresh_family(600, kIPv4)));
  LOG_EQUAL(lines({"close [2001:db8::10]:50000",
                   "ended alice: deleted",
                   "gone 198.51.100.1:40000",
                   answered(alice, "Refresh success lifetime=0")}),
            alice.send(refresh_family(0, kIPv6)));
}

TEST(Refresh, ZeroWithoutFamilyDeletesBoth) {
  have_dual_allocation();
  LOG_EQUAL(lines({"close 192.0.2.10:50000",
                   "close [2001:db8::10]:50000",
                   "ended alice: deleted",
                   "gone 198.51.100.1:40000",
                   answered(alice, "Refresh success lifetime=0")}),
            alice.send(alice.refresh(0)));
}

TEST(Refresh, FamiliesOfADualAllocationExpireApart) {
  have_dual_allocation();
  static_cast<void>(alice.send(refresh_family(1'200, kIPv6)));
  bench.advance(seconds{600});
  LOG_EQUAL("close 192.0.2.10:50000", bench.take_log());
  CHECK_TRUE(is_alive());
  bench.advance(seconds{600});
  LOG_EQUAL(
      lines({"close [2001:db8::10]:50000", "ended alice: expired", "gone 198.51.100.1:40000"}),
      bench.take_log());
}

TEST(Refresh, ExpiredCredentialMayRefresh) {
  bench.reload([](TurnSetup& setup) { setup.secrets = {{"s", "secret"}}; });
  const auto expiry = (bench.clock.now().wall + seconds{90}).time_since_epoch().count();
  support::TestClient timed(bench, "198.51.100.4:40000", std::to_string(expiry) + ":carol");
  timed.signer.password = auth::time_limited_password("secret", timed.signer.username);
  timed.have_allocation();
  bench.advance(seconds{500});
  LOG_EQUAL(answered(timed, "Refresh success lifetime=600"), timed.send(timed.refresh(600)));
  // But no new allocation.
  support::TestClient again(bench, "198.51.100.4:40001", timed.signer.username);
  again.signer.password = timed.signer.password;
  CHECK_TRUE(again.send(again.allocate()).find("Allocate error 401 ") != std::string::npos);
}

TEST(Refresh, UnderStrictExpiryItMayNot) {
  bench.reload([](TurnSetup& setup) {
    setup.secrets = {{"s", "secret"}};
    setup.policy.strict_expiry = true;
  });
  const auto expiry = (bench.clock.now().wall + seconds{90}).time_since_epoch().count();
  support::TestClient timed(bench, "198.51.100.4:40000", std::to_string(expiry) + ":carol");
  timed.signer.password = auth::time_limited_password("secret", timed.signer.username);
  timed.have_allocation();
  bench.advance(seconds{30});
  LOG_EQUAL(answered(timed, "Refresh success lifetime=60"), timed.send(timed.refresh(600)));
  bench.advance(seconds{59});
  LOG_EQUAL(answered(timed, "Refresh success lifetime=1"), timed.send(timed.refresh(600)));
  bench.advance(seconds{1});
  CHECK_FALSE(bench.server.find_client(timed.five_tuple).has_value());
}
