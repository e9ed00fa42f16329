// SPDX-License-Identifier: Apache-2.0
#include "relay/forwarder.hpp"

#include "support/relay_client.hpp"
#include "support/spy_syscalls.hpp"
#include "support/test.hpp"

#include <algorithm>
#include <cerrno>

using base::Family;
using base::Transport;
using base::TransportAddress;
using support::Arrived;
using support::channel_data;
using support::RelayBench;
using support::RelayClient;
using support::send_indication;
using support::UdpEnd;
using turn::DropReason;

namespace {

constexpr std::uint16_t kChannel = 0x4000;

RelayBench::Setup spied() {
  RelayBench::Setup setup;
  setup.syscalls = &support::SpySyscalls::table();
  return setup;
}

/// Whatever was sent by the relay: destinations and sizes, without the number of the socket.
std::string sent_to(const TransportAddress& to, std::string_view what) {
  return to.to_string() + " " + std::string(what);
}

std::string without_socket(const std::string& line) {
  return line.substr(line.find(' ', line.find('#')) + 1);
}

}  // namespace

/// alice over UDP in front of a relay whose sends are heard, and a peer.
TEST_GROUP(Forwarder) {
  support::SpySyscalls spy;
  RelayBench bench{spied()};
  RelayClient alice{bench};
  UdpEnd peer;
  UdpEnd other_peer;
  TransportAddress relayed;

  void setup() override {
    relayed = alice.allocate();
    alice.permit(peer.address());
    alice.bind(kChannel, peer.address());
    static_cast<void>(spy.take_sends());
  }

  std::string next_send() {
    const std::vector<std::string> sends = spy.take_sends();
    CHECK_EQUAL(1U, sends.size());
    return without_socket(sends.at(0));
  }
};

TEST(Forwarder, ChannelDataReachesThePeerFromTheRelayedAddress) {
  alice.send(channel_data(kChannel, "hello"));
  const auto datagram = bench.arrives_at(peer);
  CHECK_EQUAL(std::string("hello"), std::string(base::text_of(datagram->bytes)));
  CHECK_EQUAL(relayed, datagram->from);
  CHECK_EQUAL(sent_to(peer.address(), "5"), next_send());
}

TEST(Forwarder, SendIndicationReachesThePeerWithoutItsPadding) {
  for (const std::string_view data : {"", "x", "xy", "xyz", "four"}) {
    alice.send(send_indication(peer.address(), data));
    CHECK_EQUAL(std::string(data), bench.text_at(peer));
  }
}

TEST(Forwarder, PeersDatagramComesOnItsChannel) {
  for (const std::string_view data : {"", "x", "xy", "xyz", "four"}) {
    peer.send(relayed, data);
    CHECK_EQUAL("channel 4000 \"" + std::string(data) + "\"", alice.next_text());
  }
}

TEST(Forwarder, PeersDatagramComesAsAnIndicationWithoutAChannel) {
  for (const std::string_view data : {"", "x", "xy", "xyz", "four"}) {
    other_peer.send(relayed, data);
    CHECK_EQUAL("from " + other_peer.address().to_string() + " \"" + std::string(data) + "\"",
                alice.next_text());
  }
}

TEST(Forwarder, HeadersStandInFrontOfThePayload) {
  peer.send(relayed, "in place");
  static_cast<void>(alice.next());
  CHECK_EQUAL(sent_to(alice.address(), "12"), next_send());
  CHECK_EQUAL(1U, spy.parts_max());
}

TEST(Forwarder, RelaysBothFamiliesOfPeers) {
  RelayClient bob(bench, Transport::Udp, "bob");
  const UdpEnd peer6("::1");
  const TransportAddress relayed6 = bob.allocate(Family::IPv6);
  bob.permit(peer6.address());
  bob.send(send_indication(peer6.address(), "six"));
  const auto datagram = bench.arrives_at(peer6);
  CHECK_EQUAL(relayed6, datagram->from);
  CHECK_EQUAL(std::string("six"), std::string(base::text_of(datagram->bytes)));
  for (const std::string_view data : {"", "x", "xy", "xyz", "four"}) {
    peer6.send(relayed6, data);
    CHECK_EQUAL("from " + peer6.address().to_string() + " \"" + std::string(data) + "\"",
                bob.next_text());
  }
}

TEST(Forwarder, TrafficIsCounted) {
  alice.send(channel_data(kChannel, "12345"));
  static_cast<void>(bench.arrives_at(peer));
  peer.send(relayed, "123");
  static_cast<void>(alice.next());
  const turn::Traffic& traffic = bench.server.allocations().get(alice.id())->traffic;
  CHECK_EQUAL(1U, traffic.packets_to_peer);
  CHECK_EQUAL(5U, traffic.bytes_to_peer);
  CHECK_EQUAL(1U, traffic.packets_to_client);
  CHECK_EQUAL(3U, traffic.bytes_to_client);
  CHECK_EQUAL(5U, bench.counters.bytes_to_peer.value());
  CHECK_EQUAL(3U, bench.counters.bytes_to_client.value());
}

TEST(Forwarder, ManyDestinationsOfOneTurnAllGetTheirs) {
  // Two peers in turn: no two neighbours join, and the batch is full several times over.
  alice.bind(kChannel + 1, other_peer.address());
  std::vector<std::byte> train;
  for (int i = 0; i < 40; ++i) {
    const auto one = channel_data(kChannel, "to the one");
    const auto other = channel_data(kChannel + 1, "to another");
    train.insert(train.end(), one.begin(), one.end());
    train.insert(train.end(), other.begin(), other.end());
    if (i % 10 == 9) {
      alice.send_train(train, static_cast<std::uint16_t>(one.size()));
      train.clear();
    }
  }
  for (int i = 0; i < 40; ++i) {
    CHECK_EQUAL(std::string("to the one"), bench.text_at(peer));
    CHECK_EQUAL(std::string("to another"), bench.text_at(other_peer));
  }
}

TEST(Forwarder, RefusedDatagramIsCountedAndTheRestGoes) {
  // No datagram goes to port 0; the kernel says so.
  alice.send(send_indication({peer.address().ip, 0}, "nowhere"));
  alice.send(channel_data(kChannel, "here"));
  CHECK_EQUAL(std::string("here"), bench.text_at(peer));
  CHECK_EQUAL(1U, bench.dropped(DropReason::SendFailed));
}

TEST(Forwarder, LongestDatagramsPass) {
  // What a client can wrap into one datagram of UDP, and what the relay can.
  const std::vector<std::byte> up = support::pattern(65'503, 1);
  alice.send(channel_data(kChannel, up));
  CHECK_TRUE(std::ranges::equal(up, bench.arrives_at(peer)->bytes));
  const std::vector<std::byte> down = support::pattern(65'456, 2);
  peer.send(relayed, down);
  CHECK_TRUE(std::ranges::equal(down, alice.next().data));
  other_peer.send(relayed, down);
  CHECK_TRUE(std::ranges::equal(down, alice.next().data));
}

TEST(Forwarder, TooLongForTheClientIsDropped) {
  peer.send(relayed, support::pattern(65'457));
  peer.send(relayed, "fence");
  CHECK_EQUAL(std::string("channel 4000 \"fence\""), alice.next_text());
  CHECK_EQUAL(1U, bench.dropped(DropReason::TooLarge));
}

TEST(Forwarder, DontFragmentHoldsForItsDatagramAlone) {
  alice.send(send_indication(peer.address(), "before"));
  alice.send(send_indication(peer.address(), "whole", true));
  alice.send(send_indication(peer.address(), "behind"));
  CHECK_EQUAL(std::string("before"), bench.text_at(peer));
  CHECK_EQUAL(std::string("whole"), bench.text_at(peer));
  CHECK_EQUAL(std::string("behind"), bench.text_at(peer));
  const std::vector<std::string> sends = spy.take_sends();
  CHECK_EQUAL(3U, sends.size());
  CHECK_EQUAL(sent_to(peer.address(), "6"), without_socket(sends[0]));
  CHECK_EQUAL(sent_to(peer.address(), "5 df"), without_socket(sends[1]));
  CHECK_EQUAL(sent_to(peer.address(), "6"), without_socket(sends[2]));
}

TEST(Forwarder, WildcardListenerAnswersFromTheAddressThatWasCalled) {
  RelayBench::Setup setup = spied();
  setup.listen = "0.0.0.0:0";
  RelayBench wildcard(setup);
  RelayClient carol(wildcard);
  const TransportAddress carols = carol.allocate();
  carol.permit(peer.address());
  static_cast<void>(spy.take_sends());
  peer.send(carols, "x");
  CHECK_EQUAL("from " + peer.address().to_string() + " \"x\"", carol.next_text());
  CHECK_EQUAL(sent_to(carol.address(), "40 from " + std::string(support::kLoopback)), next_send());
}

TEST(Forwarder, MessagesAreCopied) {
  std::vector<std::byte> message = support::pattern(100);
  const relay::ClientPath path = bench.sockets.find({alice.id(), Family::IPv4})->path();
  bench.forwarder.message(path, message);
  std::fill(message.begin(), message.end(), std::byte{0});
  bench.forwarder.flush();
  HEX_EQUAL(support::pattern(100), alice.udp().wait()->bytes);
}

TEST(Forwarder, KeptBytesLiveUntilFlush) {
  for (unsigned i = 0; i < 100; ++i) {
    const std::vector<std::byte> bytes = support::pattern(5'000 + i, i);
    HEX_EQUAL(bytes, bench.forwarder.keep(bytes));
  }
}

/// alice and bob on one worker, each with a relayed address of this server.
TEST_GROUP(ForwarderOwnRelayed) {
  support::SpySyscalls spy;
  RelayBench bench{spied()};
  RelayClient alice{bench};
  RelayClient bob{bench, Transport::Udp, "bob"};
  TransportAddress alices;
  TransportAddress bobs;

  void setup() override {
    alices = alice.allocate();
    bobs = bob.allocate();
    alice.permit(bobs);
    bob.permit(alices);
    static_cast<void>(spy.take_sends());
  }

  /// What bob gets, sent to him and nobody else.
  std::string bob_gets() {
    const std::string text = bob.next_text();
    for (const std::string& line : spy.take_sends()) {
      CHECK_TRUE(without_socket(line).starts_with(bob.address().to_string()));
    }
    return text;
  }
};

TEST(ForwarderOwnRelayed, SendIndicationIsHandedOver) {
  for (const std::string_view data : {"", "x", "xy", "xyz", "four"}) {
    alice.send(send_indication(bobs, data));
    CHECK_EQUAL("from " + alices.to_string() + " \"" + std::string(data) + "\"", bob_gets());
  }
}

TEST(ForwarderOwnRelayed, ChannelDataIsHandedOver) {
  alice.bind(kChannel, bobs);
  static_cast<void>(spy.take_sends());
  for (const std::string_view data : {"", "x", "xy", "xyz", "four"}) {
    alice.send(channel_data(kChannel, data));
    CHECK_EQUAL("from " + alices.to_string() + " \"" + std::string(data) + "\"", bob_gets());
  }
}

TEST(ForwarderOwnRelayed, ChannelMeetsChannel) {
  alice.bind(kChannel, bobs);
  bob.bind(kChannel + 7, alices);
  static_cast<void>(spy.take_sends());
  alice.send(channel_data(kChannel, "hello"));
  CHECK_EQUAL(std::string("channel 4007 \"hello\""), bob_gets());
  alice.send(send_indication(bobs, "hello"));
  CHECK_EQUAL(std::string("channel 4007 \"hello\""), bob_gets());
}

TEST(ForwarderOwnRelayed, TrainIsHandedOverDatagramByDatagram) {
  alice.bind(kChannel, bobs);
  for (const std::size_t size : {100U, 101U, 102U, 103U}) {
    std::vector<std::byte> train;
    for (unsigned i = 0; i < 10; ++i) {
      const auto one = channel_data(kChannel, support::pattern(size, i));
      train.insert(train.end(), one.begin(), one.end());
    }
    alice.send_train(train, static_cast<std::uint16_t>(size + 4));
    for (unsigned i = 0; i < 10; ++i) {
      const Arrived arrived = bob.next();
      CHECK_TRUE(arrived.peer.has_value());
      CHECK_EQUAL(alices, *arrived.peer);
      HEX_EQUAL(support::pattern(size, i), arrived.data);
    }
  }
}

TEST(ForwarderOwnRelayed, BothSidesAreCounted) {
  alice.send(send_indication(bobs, "12345"));
  static_cast<void>(bob_gets());
  CHECK_EQUAL(5U, bench.server.allocations().get(alice.id())->traffic.bytes_to_peer);
  CHECK_EQUAL(5U, bench.server.allocations().get(bob.id())->traffic.bytes_to_client);
}

TEST(ForwarderOwnRelayed, NeedsThePermissionOfBothSides) {
  RelayClient carol(bench, Transport::Udp, "bob");
  const TransportAddress carols = carol.allocate();
  // A permission has no port: alice's for bob's address is one for carol's, but carol has none.
  alice.send(send_indication(carols, "unwanted"));
  alice.send(send_indication(bobs, "wanted"));
  CHECK_EQUAL("from " + alices.to_string() + " \"wanted\"", bob.next_text());
  CHECK_EQUAL(1U, bench.dropped(DropReason::NoPermission));
}

TEST(ForwarderOwnRelayed, AddressThatNobodyHasIsDropped) {
  TransportAddress nobodys = bobs;
  while (bench.ports.owner(nobodys)) {
    nobodys.port = static_cast<std::uint16_t>(nobodys.port == 62'999 ? 61'000 : nobodys.port + 1);
  }
  alice.send(send_indication(nobodys, "x"));
  CHECK_TRUE(bench.serve_until([&] { return bench.dropped(DropReason::NoAllocation) == 1; }));
  CHECK_TRUE(spy.take_sends().empty());
}

TEST(ForwarderOwnRelayed, AddressOfAnotherWorkerIsHandedToIt) {
  const TransportAddress there = bench.relayed_on(3);
  alice.send(send_indication(there, "one"));
  alice.send(send_indication(there, ""));
  alice.send(send_indication(there, "three"));
  CHECK_TRUE(bench.serve_until([&] { return !bench.handed_over.empty(); }));
  std::string text;
  for (const auto& [worker, batch] : bench.handed_over) {
    CHECK_EQUAL(3, static_cast<int>(worker));
    for (const auto& entry : batch.entries) {
      CHECK_EQUAL(there, entry.relayed);
      CHECK_EQUAL(alices, entry.source);
      text +=
          "[" +
          std::string(base::text_of(base::Bytes(batch.bytes).subspan(entry.offset, entry.size))) +
          "]";
    }
  }
  CHECK_EQUAL(std::string("[one][][three]"), text);
  CHECK_EQUAL(8U, bench.server.allocations().get(alice.id())->traffic.bytes_to_peer);
}

TEST(ForwarderOwnRelayed, FullNeighbourIsCounted) {
  bench.neighbours_are_full = true;
  const TransportAddress there = bench.relayed_on(1);
  alice.send(send_indication(there, "one"));
  alice.send(send_indication(there, "two"));
  CHECK_TRUE(bench.serve_until([&] { return bench.dropped(DropReason::QueueFull) == 2; }));
}

TEST(ForwarderOwnRelayed, BatchOfANeighbourReachesTheClient) {
  const TransportAddress source = bench.relayed_on(2);
  bob.permit(source);
  relay::RelayedBatch batch;
  for (const std::string_view data : {"", "x", "xy", "xyz", "four", "five5"}) {
    batch.entries.push_back({bobs, source, batch.bytes.size(), data.size()});
    const base::Bytes bytes = base::bytes_of(data);
    batch.bytes.insert(batch.bytes.end(), bytes.begin(), bytes.end());
  }
  bench.receive_batch(std::move(batch));
  for (const std::string_view data : {"", "x", "xy", "xyz", "four", "five5"}) {
    CHECK_EQUAL("from " + source.to_string() + " \"" + std::string(data) + "\"", bob.next_text());
  }
}

TEST(ForwarderOwnRelayed, BatchForNobodyIsDropped) {
  const TransportAddress nobodys = bench.relayed_on(2);
  relay::RelayedBatch batch;
  batch.entries.push_back({nobodys, alices, 0, 1});
  batch.bytes.resize(1);
  bench.receive_batch(std::move(batch));
  CHECK_EQUAL(1U, bench.dropped(DropReason::NoAllocation));
}
