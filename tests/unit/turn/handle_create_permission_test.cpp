// SPDX-License-Identifier: Apache-2.0
#include "support/hex.hpp"
#include "support/turn_test.hpp"

namespace {

using std::chrono::seconds;
using stun::AttributeType;
using stun::ErrorCode;
using support::RawMessage;
using support::TurnSetup;

}  // namespace

TEST_GROUP_BASE(CreatePermission,
                support::TurnTest){std::string refused_permission(ErrorCode code)
                                       const {return refused(alice, "CreatePermission", code);
}

std::string granted() const {
  return answered(alice, "CreatePermission success");
}

/// Addresses 9.9.9.1 and following, as many as wanted.
RawMessage permissions(int first, int count) {
  RawMessage message = alice.request(stun::Method::CreatePermission);
  for (int i = first; i < first + count; ++i) {
    message.add_xor_address(AttributeType::XorPeerAddress,
                            *base::TransportAddress::parse("9.9.9." + std::to_string(i) + ":1"));
  }
  return message;
}
}
;

TEST(CreatePermission, WithoutAllocationIs437) {
  LOG_EQUAL(refused_permission(ErrorCode::AllocationMismatch),
            alice.send(alice.create_permission({kPeer})));
}

TEST(CreatePermission, OfAnotherUserIs441) {
  alice.have_allocation();
  alice.signer.username = "bob";
  LOG_EQUAL(refused_permission(ErrorCode::WrongCredentials),
            alice.send(alice.create_permission({kPeer})));
  LOG_EQUAL("-", alice.from_peer(kPeer));
}

TEST(CreatePermission, OpensBothWaysForEveryPortOfTheAddress) {
  alice.have_allocation();
  LOG_EQUAL("-", alice.send_data(kPeer));
  LOG_EQUAL("-", alice.from_peer(kPeer));
  LOG_EQUAL(granted(), alice.send(alice.create_permission({kPeer})));
  LOG_EQUAL("v4 to 9.9.9.9:7000 \"data\"", alice.send_data(kPeer));
  LOG_EQUAL("v4 to 9.9.9.9:1 \"data\"", alice.send_data("9.9.9.9:1"));
  LOG_EQUAL("indication", alice.from_peer(kPeer));
  LOG_EQUAL("indication", alice.from_peer("9.9.9.9:65535"));
  LOG_EQUAL("-", alice.from_peer("9.9.9.8:7000"));
}

TEST(CreatePermission, IsOfOneAllocationOnly) {
  alice.have_allocation();
  bob.have_allocation();
  alice.have_permission(kPeer);
  LOG_EQUAL("-", bob.send_data(kPeer));
  LOG_EQUAL("-", bob.from_peer(kPeer));
}

TEST(CreatePermission, TakesManyAddressesAtOnce) {
  alice.have_allocation();
  LOG_EQUAL(granted(),
            alice.send(alice.create_permission({"9.9.9.1:0", "9.9.9.2:0", "9.9.9.1:5"})));
  LOG_EQUAL("indication", alice.from_peer("9.9.9.1:80"));
  LOG_EQUAL("indication", alice.from_peer("9.9.9.2:80"));
  CHECK_EQUAL(std::size_t{2}, bench.server.allocations().get(alice.id())->permissions.size());
}

TEST(CreatePermission, WithoutAddressIs400) {
  alice.have_allocation();
  LOG_EQUAL(refused_permission(ErrorCode::BadRequest), alice.send(alice.create_permission({})));
}

TEST(CreatePermission, OneBadAddressSpoilsAll) {
  alice.have_allocation();
  for (const char* value :
       {"", "0001", "0003 0000 09090909", "0001 0000 0909090909", "0002 0000 09090909"}) {
    LOG_EQUAL(refused_permission(ErrorCode::BadRequest),
              alice.send(alice.create_permission({kPeer}).add(
                  AttributeType::XorPeerAddress, base::Bytes(support::from_hex(value)))));
  }
  LOG_EQUAL("-", alice.from_peer(kPeer));
}

TEST(CreatePermission, OtherFamilyIs443AndInstallsNothing) {
  alice.have_allocation();
  LOG_EQUAL(refused_permission(ErrorCode::PeerAddressFamilyMismatch),
            alice.send(alice.create_permission({kPeer, kPeer6})));
  LOG_EQUAL("-", alice.from_peer(kPeer));
}

TEST(CreatePermission, DualAllocationTakesBothFamilies) {
  static_cast<void>(
      alice.send(alice.allocate().add_leading_u8(AttributeType::AdditionalAddressFamily, 2)));
  LOG_EQUAL(granted(), alice.send(alice.create_permission({kPeer, kPeer6})));
  LOG_EQUAL("v4 to 9.9.9.9:7000 \"data\"", alice.send_data(kPeer));
  LOG_EQUAL("v6 to [2a00::9]:7000 \"data\"", alice.send_data(kPeer6));
}

TEST(CreatePermission, ForbiddenPeerIs403AndInstallsNothing) {
  alice.have_allocation();
  for (const char* peer : {"127.0.0.1:80", "10.0.0.1:80", "169.254.169.254:80", "0.0.0.0:80"}) {
    LOG_EQUAL(refused_permission(ErrorCode::Forbidden),
              alice.send(alice.create_permission({kPeer, peer})));
    LOG_EQUAL(refused_permission(ErrorCode::Forbidden),
              alice.send(alice.create_permission({peer, kPeer})));
    LOG_EQUAL("-", alice.from_peer(peer));
  }
  LOG_EQUAL("-", alice.from_peer(kPeer));
}

TEST(CreatePermission, ChecksAreInTheRfcsOrder) {
  alice.have_allocation();
  const auto broken = [&](RawMessage message) {
    return alice.send(message.add(AttributeType::XorPeerAddress, ""));
  };
  // 400 before 443 before 403.
  LOG_EQUAL(refused_permission(ErrorCode::BadRequest),
            broken(alice.create_permission({"127.0.0.1:1", "[::1]:1"})));
  LOG_EQUAL(refused_permission(ErrorCode::PeerAddressFamilyMismatch),
            alice.send(alice.create_permission({"127.0.0.1:1", "[::1]:1"})));
}

TEST(CreatePermission, SeveralBadAddressesAreOneRefusal) {
  alice.have_allocation();
  LOG_EQUAL(refused_permission(ErrorCode::PeerAddressFamilyMismatch),
            alice.send(alice.create_permission({kPeer6, kPeer, kPeer6})));
  LOG_EQUAL(refused_permission(ErrorCode::Forbidden),
            alice.send(alice.create_permission({"10.0.0.1:1", kPeer, "127.0.0.1:1"})));
}

TEST(CreatePermission, LimitIs508ForNewAddressesOnly) {
  bench.reload([](TurnSetup& setup) { setup.policy.permissions_per_allocation = 3; });
  alice.have_allocation();
  LOG_EQUAL(granted(), alice.send(permissions(1, 3)));
  LOG_EQUAL(refused_permission(ErrorCode::InsufficientCapacity), alice.send(permissions(3, 2)));
  LOG_EQUAL("-", alice.from_peer("9.9.9.4:1"));
  LOG_EQUAL(granted(), alice.send(permissions(1, 3)));
  bench.advance(turn::kPermissionLifetime);
  LOG_EQUAL(granted(), alice.send(permissions(4, 3)));
}

TEST(CreatePermission, MoreAddressesThanTheLimitAtOnceInstallNone) {
  bench.reload([](TurnSetup& setup) { setup.policy.permissions_per_allocation = 3; });
  alice.have_allocation();
  LOG_EQUAL(refused_permission(ErrorCode::InsufficientCapacity), alice.send(permissions(1, 4)));
  LOG_EQUAL(refused_permission(ErrorCode::InsufficientCapacity), alice.send(permissions(1, 200)));
  LOG_EQUAL("-", alice.from_peer("9.9.9.1:1"));
  CHECK_EQUAL(std::size_t{0}, bench.server.allocations().get(alice.id())->permissions.size());
}

TEST(CreatePermission, LastsFiveMinutesToTheNanosecond) {
  alice.have_allocation();
  alice.have_permission(kPeer);
  bench.advance(seconds{300} - std::chrono::nanoseconds{1});
  LOG_EQUAL("indication", alice.from_peer(kPeer));
  bench.advance(std::chrono::nanoseconds{1});
  LOG_EQUAL("-", alice.from_peer(kPeer));
  LOG_EQUAL("-", alice.send_data(kPeer));
}

TEST(CreatePermission, AgainProlongsIt) {
  alice.have_allocation();
  alice.have_permission(kPeer);
  bench.advance(seconds{200});
  alice.have_permission(kPeer);
  bench.advance(seconds{299});
  LOG_EQUAL("indication", alice.from_peer(kPeer));
  bench.advance(seconds{1});
  LOG_EQUAL("-", alice.from_peer(kPeer));
}

TEST(CreatePermission, TrafficDoesNotProlongIt) {
  alice.have_allocation();
  alice.have_permission(kPeer);
  for (int i = 0; i < 29; ++i) {
    bench.advance(seconds{10});
    LOG_EQUAL("v4 to 9.9.9.9:7000 \"data\"", alice.send_data(kPeer));
    LOG_EQUAL("indication", alice.from_peer(kPeer));
  }
  bench.advance(seconds{10});
  LOG_EQUAL("-", alice.send_data(kPeer));
}

TEST(CreatePermission, RefreshOfTheAllocationDoesNotProlongIt) {
  alice.have_allocation();
  alice.have_permission(kPeer);
  bench.advance(seconds{299});
  static_cast<void>(alice.send(alice.refresh(600)));
  bench.advance(seconds{1});
  LOG_EQUAL("-", alice.from_peer(kPeer));
}

TEST(CreatePermission, PermissionsExpireOneByOne) {
  alice.have_allocation();
  for (const char* peer : {"9.9.9.1:1", "9.9.9.2:1", "9.9.9.3:1"}) {
    alice.have_permission(peer);
    bench.advance(seconds{10});
  }
  bench.advance(seconds{270});
  LOG_EQUAL("-", alice.from_peer("9.9.9.1:1"));
  LOG_EQUAL("indication", alice.from_peer("9.9.9.2:1"));
  bench.advance(seconds{10});
  LOG_EQUAL("-", alice.from_peer("9.9.9.2:1"));
  LOG_EQUAL("indication", alice.from_peer("9.9.9.3:1"));
}

TEST(CreatePermission, AddressBehindNatIsPermittedUnderBothItsNames) {
  TurnSetup setup;
  setup.relay = {TurnSetup::relay_address("10.0.0.5", "192.0.2.5")};
  support::TurnBench nat(setup);
  support::TestClient client(nat, "198.51.100.1:40000");
  support::TestClient peer(nat, "198.51.100.2:40000", "bob");
  client.have_allocation();
  peer.have_allocation();
  client.have_permission("10.0.0.5:0");
  LOG_EQUAL("v4 to 192.0.2.5:50001 inside \"data\"", client.send_data("10.0.0.5:50001"));
  LOG_EQUAL("v4 to 192.0.2.5:50001 inside \"data\"", client.send_data("192.0.2.5:50001"));
  LOG_EQUAL("indication", client.from_peer("192.0.2.5:50001"));
}
