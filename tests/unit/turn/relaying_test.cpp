// SPDX-License-Identifier: Apache-2.0
#include "support/hex.hpp"
#include "support/turn_test.hpp"

namespace {

using base::TransportAddress;
using stun::AttributeType;
using support::RawMessage;
using support::TurnSetup;
using turn::DropReason;

TransportAddress address(std::string_view text) {
  return *TransportAddress::parse(text);
}

}  // namespace

TEST_GROUP_BASE(Relaying, support::TurnTest){void setup() override{alice.have_allocation();
}

static RawMessage indication() {
  return {stun::MessageClass::Indication, stun::Method::Send};
}

static RawMessage send_to(std::string_view peer) {
  return indication().add_xor_address(AttributeType::XorPeerAddress, address(peer));
}

/// An id that was alice's until her allocation ended.
turn::AllocationId ended_id() {
  const turn::AllocationId id = alice.id();
  static_cast<void>(alice.send(alice.refresh(0)));
  return id;
}
}
;

TEST(Relaying, SendNeedsPeerAndData) {
  alice.have_permission(kPeer);
  LOG_EQUAL("-", alice.send_indication(indication()));
  LOG_EQUAL("-", alice.send_indication(send_to(kPeer)));
  LOG_EQUAL("-", alice.send_indication(indication().add(AttributeType::Data, "x")));
  LOG_EQUAL("-",
            alice.send_indication(
                indication().add(AttributeType::XorPeerAddress, "").add(AttributeType::Data, "x")));
  CHECK_EQUAL(4U, bench.dropped(DropReason::BadSendIndication));
}

TEST(Relaying, SendMayCarryNoBytes) {
  alice.have_permission(kPeer);
  LOG_EQUAL("v4 to 9.9.9.9:7000 \"\"",
            alice.send_indication(send_to(kPeer).add(AttributeType::Data, "")));
}

TEST(Relaying, SendTellsOfDontFragment) {
  alice.have_permission(kPeer);
  LOG_EQUAL("v4 to 9.9.9.9:7000 \"x\" df",
            alice.send_indication(
                send_to(kPeer).add(AttributeType::DontFragment, "").add(AttributeType::Data, "x")));
}

TEST(Relaying, DontFragmentIsIgnoredBetweenDatagramsWhereIPv6TakesPart) {
  const auto whole = [](std::string_view peer) {
    return send_to(peer).add(AttributeType::DontFragment, "").add(AttributeType::Data, "x");
  };
  const auto dual = [](support::TestClient& client) {
    static_cast<void>(
        client.send(client.allocate().add_leading_u8(AttributeType::AdditionalAddressFamily, 2)));
    client.have_permission(kPeer);
    client.have_permission(kPeer6);
  };
  support::TestClient over_ipv4(bench, "198.51.100.3:40000", "alice");
  support::TestClient over_ipv6(bench, "[2a00::1]:40000", "alice");
  support::TestClient over_tcp(bench, "[2a00::1]:40001", "alice", base::Transport::Tcp);
  for (support::TestClient* client : {&over_ipv4, &over_ipv6, &over_tcp}) {
    dual(*client);
  }
  LOG_EQUAL("v4 to 9.9.9.9:7000 \"x\" df", over_ipv4.send_indication(whole(kPeer)));
  LOG_EQUAL("v6 to [2a00::9]:7000 \"x\"", over_ipv4.send_indication(whole(kPeer6)));
  LOG_EQUAL("v4 to 9.9.9.9:7000 \"x\"", over_ipv6.send_indication(whole(kPeer)));
  LOG_EQUAL("v6 to [2a00::9]:7000 \"x\"", over_ipv6.send_indication(whole(kPeer6)));
  LOG_EQUAL("v4 to 9.9.9.9:7000 \"x\" df", over_tcp.send_indication(whole(kPeer)));
  LOG_EQUAL("v6 to [2a00::9]:7000 \"x\" df", over_tcp.send_indication(whole(kPeer6)));
}

TEST(Relaying, SendTakesAttributesInAnyOrder) {
  alice.have_permission(kPeer);
  LOG_EQUAL(
      "v4 to 9.9.9.9:7000 \"x\"",
      alice.send_indication(indication()
                                .add(AttributeType::Software, "client")
                                .add(AttributeType::Data, "x")
                                .add_xor_address(AttributeType::XorPeerAddress, address(kPeer))));
}

TEST(Relaying, SecondPeerOrDataDoesNotCount) {
  alice.have_permission(kPeer);
  LOG_EQUAL("v4 to 9.9.9.9:7000 \"first\"",
            alice.send_indication(
                send_to(kPeer)
                    .add_xor_address(AttributeType::XorPeerAddress, address("127.0.0.1:80"))
                    .add(AttributeType::Data, "first")
                    .add(AttributeType::Data, "second")));
  LOG_EQUAL(
      "-",
      alice.send_indication(send_to("127.0.0.1:80")
                                .add_xor_address(AttributeType::XorPeerAddress, address(kPeer))
                                .add(AttributeType::Data, "x")));
}

TEST(Relaying, SendWithUnknownRequiredAttributeIsDropped) {
  alice.have_permission(kPeer);
  LOG_EQUAL("-",
            alice.send_indication(send_to(kPeer)
                                      .add(AttributeType::Data, "x")
                                      .add(static_cast<AttributeType>(0x7FFF), "")));
  LOG_EQUAL("v4 to 9.9.9.9:7000 \"x\"",
            alice.send_indication(send_to(kPeer)
                                      .add(AttributeType::Data, "x")
                                      .add(static_cast<AttributeType>(0xFFFF), "")));
}

TEST(Relaying, SendWithSeveralFaultsIsDroppedOnce) {
  alice.have_permission(kPeer);
  LOG_EQUAL("-",
            alice.send_indication(indication()
                                      .add(static_cast<AttributeType>(0x7FFE), "")
                                      .add(static_cast<AttributeType>(0x7FFF), "")
                                      .add(AttributeType::XorPeerAddress, "bad")
                                      .add(AttributeType::Data, "x")));
  CHECK_EQUAL(1U, bench.dropped(DropReason::BadSendIndication));
}

TEST(Relaying, SendWithoutPermissionIsDropped) {
  LOG_EQUAL("-", alice.send_data(kPeer));
  CHECK_EQUAL(1U, bench.dropped(DropReason::NoPermission));
}

TEST(Relaying, SendToTheOtherFamilyIsDropped) {
  alice.have_permission(kPeer);
  LOG_EQUAL("-", alice.send_data(kPeer6));
  LOG_EQUAL("-", alice.send_data("[::ffff:9.9.9.9]:7000"));
}

TEST(Relaying, EndedClientsSendNowhere) {
  alice.have_channel(0x4000, kPeer);
  const turn::RelayId relay = alice.relay();
  const turn::AllocationId ended = ended_id();
  CHECK_FALSE(bench.server.on_channel_data(ended, stun::ChannelNumber{0x4000}).has_value());
  const RawMessage message = send_to(kPeer).add(AttributeType::Data, "x");
  CHECK_FALSE(bench.server.on_send_indication(ended, *stun::MessageView::parse(message.bytes()))
                  .has_value());
  CHECK_FALSE(bench.server.on_peer_datagram(relay, address(kPeer)).has_value());
  POINTERS_EQUAL(nullptr, bench.server.client_of(relay));
  CHECK_EQUAL(1U, bench.dropped(DropReason::ChannelUnbound));
  CHECK_EQUAL(1U, bench.dropped(DropReason::NoPermission));
  CHECK_EQUAL(1U, bench.dropped(DropReason::NoAllocation));
}

TEST(Relaying, OldIdDoesNotReachANewAllocationInItsPlace) {
  alice.have_channel(0x4000, kPeer);
  const turn::AllocationId ended = ended_id();
  alice.have_allocation();
  alice.have_channel(0x4000, kPeer);
  CHECK_EQUAL(ended.index, alice.id().index);
  CHECK_FALSE(bench.server.on_channel_data(ended, stun::ChannelNumber{0x4000}).has_value());
  LOG_EQUAL("v4 to 9.9.9.9:7000", alice.channel_data(0x4000));
}

TEST(Relaying, UnboundChannelIsDropped) {
  alice.have_channel(0x4000, kPeer);
  LOG_EQUAL("-", alice.channel_data(0x4001));
  CHECK_EQUAL(1U, bench.dropped(DropReason::ChannelUnbound));
}

TEST(Relaying, PortsOfOurOwnAddressesAreJudgedOneByOne) {
  bob.have_allocation();
  alice.have_permission("192.0.2.10:0");
  LOG_EQUAL("v4 to 192.0.2.10:50001 inside \"data\"", alice.send_data("192.0.2.10:50001"));
  LOG_EQUAL("-", alice.send_data("192.0.2.10:3478"));
  LOG_EQUAL("-", alice.send_data("192.0.2.10:22"));
  CHECK_EQUAL(2U, bench.dropped(DropReason::PeerForbidden));
}

TEST(Relaying, RelayedAddressesAreFoundByTheirExternalForm) {
  CHECK_TRUE(bench.server.find_relayed(address("192.0.2.10:50000")) == alice.relay());
  CHECK_FALSE(bench.server.find_relayed(address("192.0.2.10:50001")).has_value());
  CHECK_EQUAL(address("192.0.2.10:50000"), bench.server.external_address(alice.relay()));
  CHECK_TRUE(*bench.server.client_of(alice.relay()) == alice.five_tuple);
}

TEST(Relaying, TrafficIsCountedByAllocationAndInTotal) {
  bench.server.count_to_peer(alice.id(), 3, 300);
  bench.server.count_to_peer(alice.id(), 1, 50);
  bench.server.count_to_client(alice.id(), 2, 70);
  const turn::Traffic& traffic = bench.server.allocations().get(alice.id())->traffic;
  CHECK_EQUAL(4U, traffic.packets_to_peer);
  CHECK_EQUAL(350U, traffic.bytes_to_peer);
  CHECK_EQUAL(2U, traffic.packets_to_client);
  CHECK_EQUAL(70U, traffic.bytes_to_client);
  CHECK_EQUAL(4U, bench.counters.packets_to_peer.value());
  CHECK_EQUAL(350U, bench.counters.bytes_to_peer.value());
  CHECK_EQUAL(2U, bench.counters.packets_to_client.value());
  CHECK_EQUAL(70U, bench.counters.bytes_to_client.value());
}

TEST(Relaying, IcmpErrorIsToldWhenItsAddressHasAPermission) {
  alice.have_permission(kPeer);
  static_cast<void>(bench.take_log());
  bench.server.on_icmp_error(alice.relay(), {address("9.9.9.9:0"), 3, 4, 1'280});
  // RFC 8656 §18.13: 16 reserved bits, 7 of type, 9 of code, 32 of data.
  LOG_EQUAL("to 198.51.100.1:40000: Data indication peer=9.9.9.9:0 icmp=0000060400000500",
            bench.take_log());
}

TEST(Relaying, IcmpIndicationsHaveTransactionIdsOfTheirOwn) {
  alice.have_permission(kPeer);
  bench.server.on_icmp_error(alice.relay(), {address(kPeer), 3, 3, 0});
  const auto first = bench.last_sent();
  bench.server.on_icmp_error(alice.relay(), {address(kPeer), 3, 3, 0});
  CHECK_TRUE(base::to_hex(base::Bytes(first).subspan(8, 12)) !=
             base::to_hex(base::Bytes(bench.last_sent()).subspan(8, 12)));
}

TEST(Relaying, IcmpErrorOfIPv6) {
  static_cast<void>(
      bob.send(bob.allocate().add_leading_u8(AttributeType::RequestedAddressFamily, 2)));
  bob.have_permission(kPeer6);
  static_cast<void>(bench.take_log());
  bench.server.on_icmp_error(bob.relay(base::Family::IPv6),
                             {address(kPeer6), 127, 255, UINT32_MAX});
  LOG_EQUAL("to 198.51.100.2:40000: Data indication peer=[2a00::9]:7000 icmp=0000feffffffffff",
            bench.take_log());
}

TEST(Relaying, OtherIcmpErrorsAreNotTold) {
  bench.server.on_icmp_error(alice.relay(), {address(kPeer), 3, 3, 0});
  alice.have_permission(kPeer);
  const turn::RelayId relay = alice.relay();
  static_cast<void>(ended_id());
  static_cast<void>(bench.take_log());
  bench.server.on_icmp_error(relay, {address(kPeer), 3, 3, 0});
  LOG_EQUAL("", bench.take_log());
}
