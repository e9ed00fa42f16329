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

TEST_GROUP_BASE(ChannelBind, support::TurnTest){
    std::string refused_bind(ErrorCode code) const {return refused(alice, "ChannelBind", code);
}

std::string bound() const {
  return answered(alice, "ChannelBind success");
}
}
;

TEST(ChannelBind, WithoutAllocationIs437) {
  LOG_EQUAL(refused_bind(ErrorCode::AllocationMismatch),
            alice.send(alice.channel_bind(0x4000, kPeer)));
}

TEST(ChannelBind, OfAnotherUserIs441) {
  alice.have_allocation();
  alice.signer.username = "bob";
  LOG_EQUAL(refused_bind(ErrorCode::WrongCredentials),
            alice.send(alice.channel_bind(0x4000, kPeer)));
}

TEST(ChannelBind, OpensTheChannelAndThePermission) {
  alice.have_allocation();
  LOG_EQUAL("-", alice.channel_data(0x4000));
  LOG_EQUAL(bound(), alice.send(alice.channel_bind(0x4000, kPeer)));
  LOG_EQUAL("v4 to 9.9.9.9:7000", alice.channel_data(0x4000));
  LOG_EQUAL("channel 16384", alice.from_peer(kPeer));
  // The permission is for the address, the channel for the port too.
  LOG_EQUAL("indication", alice.from_peer("9.9.9.9:7001"));
  LOG_EQUAL("v4 to 9.9.9.9:7001 \"data\"", alice.send_data("9.9.9.9:7001"));
}

TEST(ChannelBind, MissingOrMalformedAttributesAre400) {
  alice.have_allocation();
  const auto peer = *base::TransportAddress::parse(kPeer);
  const auto request = [&] { return alice.request(stun::Method::ChannelBind); };
  LOG_EQUAL(refused_bind(ErrorCode::BadRequest), alice.send(request()));
  LOG_EQUAL(refused_bind(ErrorCode::BadRequest),
            alice.send(request().add_leading_u16(AttributeType::ChannelNumber, 0x4000)));
  LOG_EQUAL(refused_bind(ErrorCode::BadRequest),
            alice.send(request().add_xor_address(AttributeType::XorPeerAddress, peer)));
  LOG_EQUAL(refused_bind(ErrorCode::BadRequest),
            alice.send(request()
                           .add(AttributeType::ChannelNumber, base::Bytes("4000"_hex))
                           .add_xor_address(AttributeType::XorPeerAddress, peer)));
  LOG_EQUAL(refused_bind(ErrorCode::BadRequest),
            alice.send(request()
                           .add_leading_u16(AttributeType::ChannelNumber, 0x4000)
                           .add(AttributeType::XorPeerAddress, "12345678")));
}

TEST(ChannelBind, NumbersOutsideTheRangeAre400) {
  alice.have_allocation();
  for (const std::uint16_t number :
       std::initializer_list<std::uint16_t>{0, 1, 0x3FFF, 0x5000, 0x7FFE, 0xFFFF}) {
    LOG_EQUAL(refused_bind(ErrorCode::BadRequest), alice.send(alice.channel_bind(number, kPeer)));
  }
  LOG_EQUAL(bound(), alice.send(alice.channel_bind(0x4FFF, kPeer)));
}

TEST(ChannelBind, NumberBoundToOtherPeerIs400) {
  alice.have_allocation();
  alice.have_channel(0x4000, kPeer);
  LOG_EQUAL(refused_bind(ErrorCode::BadRequest),
            alice.send(alice.channel_bind(0x4000, "9.9.9.9:7001")));
  LOG_EQUAL("v4 to 9.9.9.9:7000", alice.channel_data(0x4000));
}

TEST(ChannelBind, PeerBoundToOtherNumberIs400) {
  alice.have_allocation();
  alice.have_channel(0x4000, kPeer);
  LOG_EQUAL(refused_bind(ErrorCode::BadRequest), alice.send(alice.channel_bind(0x4001, kPeer)));
  LOG_EQUAL("-", alice.channel_data(0x4001));
}

TEST(ChannelBind, OnePeerAddressMayHaveAChannelAPort) {
  alice.have_allocation();
  alice.have_channel(0x4000, "9.9.9.9:1");
  alice.have_channel(0x4001, "9.9.9.9:2");
  LOG_EQUAL("v4 to 9.9.9.9:1", alice.channel_data(0x4000));
  LOG_EQUAL("v4 to 9.9.9.9:2", alice.channel_data(0x4001));
}

TEST(ChannelBind, NumbersAreOfOneAllocation) {
  alice.have_allocation();
  bob.have_allocation();
  alice.have_channel(0x4000, "9.9.9.1:1");
  bob.have_channel(0x4000, "9.9.9.2:1");
  LOG_EQUAL("v4 to 9.9.9.1:1", alice.channel_data(0x4000));
  LOG_EQUAL("v4 to 9.9.9.2:1", bob.channel_data(0x4000));
}

TEST(ChannelBind, OtherFamilyIs443) {
  alice.have_allocation();
  LOG_EQUAL(refused_bind(ErrorCode::PeerAddressFamilyMismatch),
            alice.send(alice.channel_bind(0x4000, kPeer6)));
}

TEST(ChannelBind, ForbiddenPeerIs403) {
  alice.have_allocation();
  LOG_EQUAL(refused_bind(ErrorCode::Forbidden),
            alice.send(alice.channel_bind(0x4000, "127.0.0.1:80")));
  LOG_EQUAL("-", alice.channel_data(0x4000));
  LOG_EQUAL("-", alice.from_peer("127.0.0.1:80"));
}

TEST(ChannelBind, OwnServicePortsAre403AndOwnRelayedOnesStayInside) {
  alice.have_allocation();
  LOG_EQUAL(refused_bind(ErrorCode::Forbidden),
            alice.send(alice.channel_bind(0x4000, "192.0.2.10:3478")));
  LOG_EQUAL(bound(), alice.send(alice.channel_bind(0x4000, "192.0.2.10:50001")));
  LOG_EQUAL("v4 to 192.0.2.10:50001 inside", alice.channel_data(0x4000));
}

TEST(ChannelBind, ChecksAreInTheRfcsOrder) {
  alice.have_allocation();
  alice.have_channel(0x4000, kPeer);
  // 400 before 443 before 403.
  LOG_EQUAL(refused_bind(ErrorCode::BadRequest),
            alice.send(alice.channel_bind(0x4000, "[::1]:80")));
  LOG_EQUAL(refused_bind(ErrorCode::PeerAddressFamilyMismatch),
            alice.send(alice.channel_bind(0x4001, "[::1]:80")));
}

TEST(ChannelBind, LimitIs508ForNewChannelsOnly) {
  bench.reload([](TurnSetup& setup) { setup.policy.channels_per_allocation = 2; });
  alice.have_allocation();
  alice.have_channel(0x4000, "9.9.9.1:1");
  alice.have_channel(0x4001, "9.9.9.1:2");
  LOG_EQUAL(refused_bind(ErrorCode::InsufficientCapacity),
            alice.send(alice.channel_bind(0x4002, "9.9.9.1:3")));
  LOG_EQUAL(bound(), alice.send(alice.channel_bind(0x4001, "9.9.9.1:2")));
}

TEST(ChannelBind, PermissionLimitIs508Too) {
  bench.reload([](TurnSetup& setup) { setup.policy.permissions_per_allocation = 1; });
  alice.have_allocation();
  alice.have_channel(0x4000, "9.9.9.1:1");
  LOG_EQUAL(refused_bind(ErrorCode::InsufficientCapacity),
            alice.send(alice.channel_bind(0x4001, "9.9.9.2:1")));
  LOG_EQUAL(bound(), alice.send(alice.channel_bind(0x4001, "9.9.9.1:2")));
}

TEST(ChannelBind, LastsTenMinutesWhileItsPermissionIsKeptUp) {
  static_cast<void>(alice.send(alice.allocate().add_u32(AttributeType::Lifetime, 3'600)));
  alice.have_channel(0x4000, kPeer);
  bench.advance(seconds{299});
  alice.have_permission(kPeer);
  bench.advance(seconds{299});
  alice.have_permission(kPeer);
  bench.advance(seconds{2} - std::chrono::nanoseconds{1});
  LOG_EQUAL("v4 to 9.9.9.9:7000", alice.channel_data(0x4000));
  LOG_EQUAL("channel 16384", alice.from_peer(kPeer));
  bench.advance(std::chrono::nanoseconds{1});
  LOG_EQUAL("-", alice.channel_data(0x4000));
  // Only the channel is gone: RFC 8656 §12.
  LOG_EQUAL("indication", alice.from_peer(kPeer));
}

TEST(ChannelBind, WithoutPermissionItIsSilentUntilOneIsBack) {
  alice.have_allocation();
  alice.have_channel(0x4000, kPeer);
  bench.advance(seconds{300});
  LOG_EQUAL("-", alice.channel_data(0x4000));
  LOG_EQUAL("-", alice.from_peer(kPeer));
  CHECK_EQUAL(2U, bench.dropped(turn::DropReason::NoPermission));
  alice.have_permission(kPeer);
  LOG_EQUAL("v4 to 9.9.9.9:7000", alice.channel_data(0x4000));
  LOG_EQUAL("channel 16384", alice.from_peer(kPeer));
}

TEST(ChannelBind, AgainProlongsChannelAndPermission) {
  static_cast<void>(alice.send(alice.allocate().add_u32(AttributeType::Lifetime, 3'600)));
  alice.have_channel(0x4000, kPeer);
  for (int i = 0; i < 10; ++i) {
    bench.advance(seconds{299});
    LOG_EQUAL("v4 to 9.9.9.9:7000", alice.channel_data(0x4000));
    alice.have_channel(0x4000, kPeer);
  }
}

TEST(ChannelBind, RefreshWithAllNumbersTakenStillWorks) {
  bench.reload([](TurnSetup& setup) { setup.policy.channels_per_allocation = 1; });
  alice.have_allocation();
  alice.have_channel(0x4000, kPeer);
  bench.advance(seconds{300});
  LOG_EQUAL(bound(), alice.send(alice.channel_bind(0x4000, kPeer)));
  LOG_EQUAL("channel 16384", alice.from_peer(kPeer));
}

TEST(ChannelBind, ExpiredNumberMayBeBoundToAnother) {
  static_cast<void>(alice.send(alice.allocate().add_u32(AttributeType::Lifetime, 3'600)));
  alice.have_channel(0x4000, kPeer);
  bench.advance(seconds{600});
  LOG_EQUAL(bound(), alice.send(alice.channel_bind(0x4000, "9.9.9.8:1")));
  LOG_EQUAL(bound(), alice.send(alice.channel_bind(0x4001, kPeer)));
}

TEST(ChannelBind, TrafficDoesNotProlongIt) {
  static_cast<void>(alice.send(alice.allocate().add_u32(AttributeType::Lifetime, 3'600)));
  alice.have_channel(0x4000, kPeer);
  for (int i = 0; i < 59; ++i) {
    bench.advance(seconds{10});
    alice.have_permission(kPeer);
    LOG_EQUAL("v4 to 9.9.9.9:7000", alice.channel_data(0x4000));
  }
  bench.advance(seconds{10});
  LOG_EQUAL("-", alice.channel_data(0x4000));
}

TEST(ChannelBind, ManyChannelsAreAllFound) {
  bench.reload([](TurnSetup& setup) {
    setup.policy.channels_per_allocation = 100;
    setup.policy.permissions_per_allocation = 100;
  });
  alice.have_allocation();
  const auto peer_of = [](int i) {
    return "9.9." + std::to_string(i) + ".1:" + std::to_string(1000 + i);
  };
  for (int i = 0; i < 100; ++i) {
    alice.have_channel(static_cast<std::uint16_t>(0x4000 + i), peer_of(i));
  }
  for (int i = 0; i < 100; ++i) {
    CHECK_EQUAL("v4 to " + peer_of(i), alice.channel_data(static_cast<std::uint16_t>(0x4000 + i)));
    CHECK_EQUAL("channel " + std::to_string(0x4000 + i), alice.from_peer(peer_of(i)));
  }
  bench.advance(seconds{300});
  for (int i = 0; i < 100; ++i) {
    LOG_EQUAL("-", alice.channel_data(static_cast<std::uint16_t>(0x4000 + i)));
  }
}
