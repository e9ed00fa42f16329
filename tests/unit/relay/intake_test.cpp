// SPDX-License-Identifier: Apache-2.0
#include "relay/intake.hpp"

#include "support/hex.hpp"
#include "support/relay_client.hpp"
#include "support/spy_syscalls.hpp"
#include "support/test.hpp"

#include <algorithm>

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

/// ChannelData that is `size` bytes long, header included.
std::vector<std::byte> frame_of(std::size_t size, unsigned seed) {
  return channel_data(kChannel, support::pattern(size - 4, seed));
}

void append(std::vector<std::byte>& to, const std::vector<std::byte>& bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

TEST_GROUP(Intake) {
  support::SpySyscalls spy;
  RelayBench bench{spied()};
  RelayClient alice{bench};
  UdpEnd peer;
  TransportAddress relayed;

  void setup() override {
    relayed = alice.allocate();
    alice.bind(kChannel, peer.address());
    static_cast<void>(spy.take_sends());
  }

  void peer_gets(base::Bytes expected) {
    const auto datagram = bench.arrives_at(peer);
    CHECK_TRUE(datagram.has_value());
    HEX_EQUAL(expected, datagram->bytes);
  }

  bool drops(DropReason reason, std::uint64_t count) {
    return bench.serve_until([&] { return bench.dropped(reason) == count; });
  }
};

TEST(Intake, TrainOfAClientLeavesAsATrain) {
  std::vector<std::byte> train;
  for (unsigned i = 0; i < 20; ++i) {
    append(train, frame_of(104, i));
  }
  append(train, frame_of(50, 20));
  alice.send_train(train, 104);
  for (unsigned i = 0; i < 20; ++i) {
    peer_gets(support::pattern(100, i));
  }
  peer_gets(support::pattern(46, 20));
  const std::vector<std::string> sends = spy.take_sends();
  CHECK_EQUAL(1U, sends.size());
  CHECK_TRUE(sends[0].ends_with(peer.address().to_string() + " 2046 by 100"));
  CHECK_EQUAL(21U, bench.server.allocations().get(alice.id())->traffic.packets_to_peer);
}

TEST(Intake, TrainOfAPeerLeavesAsATrain) {
  for (const std::size_t size : {100U, 101U, 102U, 103U}) {
    peer.send_train(relayed, support::pattern(size * 20 + 7, 3), static_cast<std::uint16_t>(size));
    const std::vector<std::byte> sent = support::pattern(size * 20 + 7, 3);
    for (std::size_t i = 0; i <= 20; ++i) {
      const Arrived arrived = alice.next();
      CHECK_TRUE(arrived.channel == kChannel);
      HEX_EQUAL(base::Bytes(sent).subspan(i * size, i < 20 ? size : 7), arrived.data);
    }
    CHECK_EQUAL(1U, spy.take_sends().size());
  }
}

TEST(Intake, TrainOfAPeerWithoutAChannelBecomesIndications) {
  const UdpEnd other;
  for (const std::size_t size : {100U, 101U, 102U, 103U}) {
    const std::vector<std::byte> sent = support::pattern(size * 20 + 5, 4);
    other.send_train(relayed, sent, static_cast<std::uint16_t>(size));
    for (std::size_t i = 0; i <= 20; ++i) {
      const Arrived arrived = alice.next();
      CHECK_TRUE(arrived.peer == other.address());
      HEX_EQUAL(base::Bytes(sent).subspan(i * size, i < 20 ? size : 5), arrived.data);
    }
    CHECK_EQUAL(1U, spy.take_sends().size());
  }
}

TEST(Intake, PaddingBehindChannelDataIsNotRelayed) {
  auto padded = channel_data(kChannel, "five5");
  padded.resize(padded.size() + 3, std::byte{0xEE});
  alice.send(padded);
  CHECK_EQUAL(std::string("five5"), bench.text_at(peer));
}

TEST(Intake, ChannelsOfATrainAreToldApart) {
  const UdpEnd other;
  alice.bind(kChannel + 1, other.address());
  std::vector<std::byte> train;
  for (const std::uint16_t channel : std::array<std::uint16_t, 4>{0x4001, 0x4000, 0x4000, 0x4001}) {
    append(train, channel_data(channel, "data " + std::to_string(channel)));
  }
  alice.send_train(train, 14);
  CHECK_EQUAL(std::string("data 16385"), bench.text_at(other));
  CHECK_EQUAL(std::string("data 16384"), bench.text_at(peer));
  CHECK_EQUAL(std::string("data 16384"), bench.text_at(peer));
  CHECK_EQUAL(std::string("data 16385"), bench.text_at(other));
}

TEST(Intake, BadDatagramOfATrainCostsItselfOnly) {
  std::vector<std::byte> train = frame_of(24, 0);
  std::vector<std::byte> too_long = frame_of(24, 1);
  base::store_u16(too_long.data() + 2, 21);
  append(train, too_long);
  append(train, channel_data(kChannel + 9, support::pattern(20, 2)));
  append(train, support::from_hex("16fefd0000000000000000000000000000000000000000aa"));
  append(train, std::vector<std::byte>(24, std::byte{0xFF}));
  append(train, frame_of(24, 5));
  alice.send_train(train, 24);
  peer_gets(support::pattern(20, 0));
  peer_gets(support::pattern(20, 5));
  CHECK_EQUAL(1U, bench.dropped(DropReason::BadChannelData));
  CHECK_EQUAL(1U, bench.dropped(DropReason::ChannelUnbound));
  CHECK_EQUAL(2U, bench.dropped(DropReason::NotStun));
}

TEST(Intake, MessagesAndDataShareATrain) {
  std::vector<std::byte> train = frame_of(104, 0);
  append(train, frame_of(104, 1));
  append(train, alice.request(stun::Method::Binding).bytes());
  alice.send_train(train, 104);
  peer_gets(support::pattern(100, 0));
  peer_gets(support::pattern(100, 1));
  CHECK_EQUAL("Binding success mapped=" + alice.address().to_string(), alice.next_text());
}

TEST(Intake, DeletionInATrainHoldsForTheRestOfIt) {
  const std::vector<std::byte> refresh = alice.refresh(0);
  std::vector<std::byte> train = frame_of(refresh.size(), 0);
  append(train, refresh);
  append(train, frame_of(refresh.size(), 2));
  append(train, frame_of(refresh.size(), 3));
  alice.send_train(train, static_cast<std::uint16_t>(refresh.size()));
  // What was sent before goes, though it was only gathered when its socket closed.
  peer_gets(support::pattern(refresh.size() - 4, 0));
  CHECK_TRUE(alice.next_text().starts_with("Refresh success"));
  CHECK_TRUE(drops(DropReason::NoAllocation, 2));
  CHECK_EQUAL(0U, bench.server.allocations().size());
}

TEST(Intake, DeletionMeetsDatagramsOfPeers) {
  const std::size_t before = support::open_descriptors();
  for (int i = 0; i < 5; ++i) {
    alice.send(channel_data(kChannel, "last"));
    peer.send(relayed, "late");
  }
  alice.send(alice.refresh(0));
  CHECK_TRUE(bench.serve_until([&] { return bench.server.allocations().size() == 0; }));
  bench.turn();
  CHECK_EQUAL(before - 1, support::open_descriptors());
  for (int i = 0; i < 5; ++i) {
    CHECK_EQUAL(std::string("last"), bench.text_at(peer));
  }
  // The relayed address is free again.
  CHECK_EQUAL(0U, bench.ports.in_use());
}

TEST(Intake, DescriptorOfAnEndedAllocationMayServeTheNext) {
  // In one turn alice ends and bob begins: his socket may get the number of hers.
  RelayClient bob(bench, Transport::Udp, "bob");
  alice.send(channel_data(kChannel, "alice's last"));
  alice.send(alice.refresh(0));
  const TransportAddress bobs = bob.allocate();
  bob.permit(peer.address());
  const auto last = bench.arrives_at(peer);
  CHECK_EQUAL(std::string("alice's last"), std::string(base::text_of(last->bytes)));
  CHECK_EQUAL(relayed, last->from);
  bob.send(send_indication(peer.address(), "bob's first"));
  CHECK_EQUAL(bobs, bench.arrives_at(peer)->from);
}

TEST(Intake, EmptyDatagramOfAClientIsTooShort) {
  alice.send("");
  CHECK_TRUE(drops(DropReason::TooShort, 1));
}

TEST(Intake, DataOfAStrangerIsDropped) {
  RelayClient stranger(bench);
  stranger.send(channel_data(kChannel, "x"));
  stranger.send(send_indication(peer.address(), "x"));
  CHECK_TRUE(drops(DropReason::NoAllocation, 2));
  CHECK_TRUE(spy.take_sends().empty());
}

TEST(Intake, DatagramsOfPeersWithoutAPermissionAreDroppedOneByOne) {
  const UdpEnd uninvited("127.0.0.3");
  uninvited.send(relayed, "x");
  CHECK_TRUE(drops(DropReason::NoPermission, 1));
  uninvited.send_train(relayed, support::pattern(950), 100);
  CHECK_TRUE(drops(DropReason::NoPermission, 11));
  peer.send(relayed, "invited");
  CHECK_EQUAL(std::string("channel 4000 \"invited\""), alice.next_text());
}

TEST(Intake, UnreadableMessagesAreCountedByReason) {
  alice.send(support::from_hex("0001"));
  alice.send(support::from_hex("0001 0004 2112a442 000000000000000000000000"));
  CHECK_TRUE(drops(DropReason::TooShort, 1));
  CHECK_TRUE(drops(DropReason::BadLength, 1));
}

TEST(Intake, IcmpErrorBecomesADataIndication) {
  const TransportAddress closed = support::closed_port("127.0.0.9");
  alice.permit(closed);
  alice.send(send_indication(closed, "to nobody"));
  // Port unreachable: type 3, code 3 in 7 and 9 bits.
  CHECK_EQUAL("Data indication peer=" + closed.to_string() + " icmp=0000060300000000",
              alice.next_text());
}

TEST(Intake, IcmpErrorOfIpv6BecomesADataIndication) {
  RelayClient bob(bench, Transport::Udp, "bob");
  static_cast<void>(bob.allocate(base::Family::IPv6));
  const TransportAddress closed = support::closed_port("::1");
  bob.permit(closed);
  bob.send(send_indication(closed, "to nobody"));
  CHECK_EQUAL("Data indication peer=" + closed.to_string() + " icmp=0000020400000000",
              bob.next_text());
}

TEST(Intake, IcmpErrorsStopNoRelaying) {
  const TransportAddress closed = support::closed_port("127.0.0.9");
  alice.permit(closed);
  for (int i = 0; i < 3; ++i) {
    alice.send(send_indication(closed, "to nobody"));
    CHECK_TRUE(alice.next_text().starts_with("Data indication peer="));
    alice.send(channel_data(kChannel, "to somebody"));
    CHECK_EQUAL(std::string("to somebody"), bench.text_at(peer));
    peer.send(relayed, "back");
    CHECK_EQUAL(std::string("channel 4000 \"back\""), alice.next_text());
  }
}

TEST(Intake, LocalRefusalIsNotTold) {
  // Longer than any datagram: the kernel queues an error of its own, which is no ICMP message.
  RelayClient carol(bench, Transport::Tcp, "bob");
  static_cast<void>(carol.allocate());
  carol.permit(peer.address());
  carol.send(send_indication(peer.address(), support::pattern(65'507)));
  CHECK_EQUAL(65'507U, bench.arrives_at(peer)->bytes.size());
  carol.send(send_indication(peer.address(), support::pattern(65'508)));
  CHECK_TRUE(drops(DropReason::TooLarge, 1));
  carol.send(carol.request(stun::Method::Binding).bytes());
  CHECK_TRUE(carol.next_text().starts_with("Binding success"));
}

TEST(Intake, GathersOnlyWhatItReceived) {
  CHECK_FALSE(bench.intake.has_received());
  alice.send(channel_data(kChannel, "x"));
  CHECK_EQUAL(std::string("x"), bench.text_at(peer));
  // end_turn() has been called since.
  CHECK_FALSE(bench.intake.has_received());
}

TEST(Intake, FloodOfOneTurnIsServedWhole) {
  // More datagrams than the arena has slots, from many clients at once.
  std::vector<std::unique_ptr<RelayClient>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<RelayClient>(bench, Transport::Udp, "bob"));
    static_cast<void>(clients.back()->allocate());
    clients.back()->permit(peer.address());
  }
  for (int i = 0; i < 20; ++i) {
    for (const auto& client : clients) {
      client->send(send_indication(peer.address(), "x"));
    }
  }
  int count = 0;
  CHECK_TRUE(bench.serve_until([&] {
    while (peer.take()) {
      ++count;
    }
    return count == 200;
  }));
}
