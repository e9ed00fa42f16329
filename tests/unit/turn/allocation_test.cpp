// SPDX-License-Identifier: Apache-2.0
#include "turn/allocation.hpp"

#include "support/test.hpp"

namespace {

using base::Family;
using base::Instant;
using base::IpAddress;
using base::TransportAddress;
using std::chrono::seconds;
using stun::ChannelNumber;

Instant at(int second) {
  return Instant{seconds{second}};
}

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

TransportAddress address(const char* text) {
  return *TransportAddress::parse(text);
}

}  // namespace

TEST_GROUP(Allocation) {
  turn::Allocation allocation;

  void add_relay(const char* text, int expires) {
    const TransportAddress relayed = address(text);
    allocation.relays[turn::index_of(relayed.ip.family())] =
        turn::Relay{0, relayed, relayed, at(expires)};
  }

  void add_channel(std::uint16_t number, const char* peer, int expires) {
    allocation.channels.add({ChannelNumber{number}, address(peer), at(expires)});
  }

  bool is_permitted(std::uint16_t number) {
    return allocation.find_channel(ChannelNumber{number})->is_permitted;
  }
};

TEST(Allocation, HasARelayAFamily) {
  CHECK_FALSE(allocation.has_relay());
  POINTERS_EQUAL(nullptr, allocation.relay(Family::IPv4));
  add_relay("[2001:db8::10]:50000", 1);
  CHECK_TRUE(allocation.has_relay());
  POINTERS_EQUAL(nullptr, allocation.relay(Family::IPv4));
  CHECK_EQUAL(address("[2001:db8::10]:50000"), allocation.relay(Family::IPv6)->external);
  const turn::Allocation& read_only = allocation;
  POINTERS_EQUAL(allocation.relay(Family::IPv6), read_only.relay(Family::IPv6));
  POINTERS_EQUAL(nullptr, read_only.relay(Family::IPv4));
}

TEST(Allocation, PermissionIsInstalledOnceAndProlonged) {
  allocation.install_permission(ip("9.9.9.9"), false, at(10));
  allocation.install_permission(ip("9.9.9.9"), true, at(20));
  CHECK_EQUAL(std::size_t{1}, allocation.permissions.size());
  CHECK_EQUAL(at(20), allocation.find_permission(ip("9.9.9.9"))->expires);
  CHECK_TRUE(allocation.find_permission(ip("9.9.9.9"))->is_own_relay);
  POINTERS_EQUAL(nullptr, allocation.find_permission(ip("9.9.9.8")));
}

TEST(Allocation, ChannelsAreFoundByNumberAndByPeer) {
  add_channel(0x4000, "9.9.9.9:1", 10);
  POINTERS_EQUAL(allocation.find_channel(ChannelNumber{0x4000}),
                 allocation.find_channel_to(address("9.9.9.9:1")));
  POINTERS_EQUAL(nullptr, allocation.find_channel(ChannelNumber{0x4001}));
  POINTERS_EQUAL(nullptr, allocation.find_channel_to(address("9.9.9.9:2")));
}

TEST(Allocation, ChannelsFollowTheirPermission) {
  add_channel(0x4000, "9.9.9.9:1", 100);
  add_channel(0x4001, "9.9.9.9:2", 100);
  add_channel(0x4002, "9.9.9.8:1", 100);
  allocation.install_permission(ip("9.9.9.9"), false, at(10));
  allocation.install_permission(ip("9.9.9.8"), false, at(20));
  allocation.expire_entries(at(10));
  CHECK_FALSE(is_permitted(0x4000));
  CHECK_FALSE(is_permitted(0x4001));
  CHECK_TRUE(is_permitted(0x4002));
  allocation.install_permission(ip("9.9.9.9"), false, at(30));
  CHECK_TRUE(is_permitted(0x4000));
  CHECK_TRUE(is_permitted(0x4001));
}

TEST(Allocation, EntriesExpireAtTheirMoment) {
  add_channel(0x4000, "9.9.9.9:1", 10);
  add_channel(0x4001, "9.9.9.9:2", 11);
  allocation.install_permission(ip("9.9.9.9"), false, at(11));
  allocation.expire_entries(at(10) - base::Duration{1});
  CHECK_EQUAL(std::size_t{2}, allocation.channels.size());
  allocation.expire_entries(at(10));
  POINTERS_EQUAL(nullptr, allocation.find_channel(ChannelNumber{0x4000}));
  CHECK_TRUE(allocation.find_permission(ip("9.9.9.9")) != nullptr);
  allocation.expire_entries(at(11));
  CHECK_EQUAL(std::size_t{0}, allocation.channels.size());
  CHECK_EQUAL(std::size_t{0}, allocation.permissions.size());
}

TEST(Allocation, NextExpiryIsTheEarliestOfAll) {
  CHECK_EQUAL(Instant::max(), allocation.next_expiry());
  add_relay("192.0.2.10:50000", 100);
  CHECK_EQUAL(at(100), allocation.next_expiry());
  add_relay("[2001:db8::10]:50000", 90);
  CHECK_EQUAL(at(90), allocation.next_expiry());
  add_channel(0x4000, "9.9.9.9:1", 80);
  CHECK_EQUAL(at(80), allocation.next_expiry());
  allocation.install_permission(ip("9.9.9.9"), false, at(70));
  CHECK_EQUAL(at(70), allocation.next_expiry());
}

TEST(Allocation, ForgottenFamilyTakesItsEntriesAlong) {
  add_channel(0x4000, "9.9.9.9:1", 10);
  add_channel(0x4001, "[2a00::9]:1", 10);
  allocation.install_permission(ip("9.9.9.9"), false, at(10));
  allocation.install_permission(ip("2a00::9"), false, at(10));
  allocation.forget_family(Family::IPv4);
  POINTERS_EQUAL(nullptr, allocation.find_channel(ChannelNumber{0x4000}));
  POINTERS_EQUAL(nullptr, allocation.find_permission(ip("9.9.9.9")));
  CHECK_TRUE(allocation.find_channel(ChannelNumber{0x4001}) != nullptr);
  CHECK_TRUE(allocation.find_permission(ip("2a00::9")) != nullptr);
}
