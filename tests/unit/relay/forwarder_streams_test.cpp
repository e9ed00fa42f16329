// SPDX-License-Identifier: Apache-2.0
#include "relay/forwarder.hpp"
#include "support/relay_client.hpp"
#include "support/test.hpp"

#include <algorithm>
#include <csignal>

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
constexpr std::uint16_t kOtherChannel = 0x4001;

void append_frame(std::vector<std::byte>& stream, const std::vector<std::byte>& frame) {
  stream.insert(stream.end(), frame.begin(), frame.end());
  stream.resize((stream.size() + 3) / 4 * 4);
}

}  // namespace

/// carol over TCP, two peers, and bob over UDP on the same relay.
TEST_GROUP(ForwarderStreams) {
  RelayBench bench;
  RelayClient carol{bench, Transport::Tcp};
  RelayClient bob{bench, Transport::Udp, "bob"};
  UdpEnd peer;
  UdpEnd other_peer;
  TransportAddress relayed;

  void setup() override {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    relayed = carol.allocate();
    carol.bind(kChannel, peer.address());
    carol.bind(kOtherChannel, other_peer.address());
  }
};

TEST(ForwarderStreams, RelaysBothWays) {
  for (const std::string_view data : {"", "x", "xy", "xyz", "four"}) {
    carol.send(channel_data(kChannel, data));
    const auto datagram = bench.arrives_at(peer);
    CHECK_EQUAL(std::string(data), std::string(base::text_of(datagram->bytes)));
    CHECK_EQUAL(relayed, datagram->from);
    peer.send(relayed, data);
    CHECK_EQUAL("channel 4000 \"" + std::string(data) + "\"", carol.next_text());
  }
}

TEST(ForwarderStreams, IndicationsTravelToo) {
  const UdpEnd unbound;
  for (const std::string_view data : {"", "x", "xy", "xyz", "four"}) {
    carol.send(send_indication(unbound.address(), data));
    CHECK_EQUAL(std::string(data), bench.text_at(unbound));
    unbound.send(relayed, data);
    CHECK_EQUAL("from " + unbound.address().to_string() + " \"" + std::string(data) + "\"",
                carol.next_text());
  }
}

TEST(ForwarderStreams, FramesSurviveTheirBatchBeingFull) {
  // Ever longer and to two peers in turn: no two join, so that batches fill and are flushed while a
  // frame is on its way.
  constexpr unsigned kCount = 200;
  std::vector<std::byte> stream;
  for (unsigned i = 0; i < kCount; ++i) {
    append_frame(stream,
                 channel_data(i % 2 == 0 ? kChannel : kOtherChannel, support::pattern(10 + i, i)));
  }
  carol.tcp().send(stream);
  for (unsigned i = 0; i < kCount; ++i) {
    const auto datagram = bench.arrives_at(i % 2 == 0 ? peer : other_peer);
    HEX_EQUAL(support::pattern(10 + i, i), datagram->bytes);
  }
}

TEST(ForwarderStreams, FramesForOwnClientsSurviveToo) {
  const TransportAddress bobs = bob.allocate();
  bob.permit(relayed);
  carol.permit(bobs);
  constexpr unsigned kCount = 200;
  std::vector<std::byte> stream;
  for (unsigned i = 0; i < kCount; ++i) {
    append_frame(stream, send_indication(bobs, support::pattern(12 + 4 * i, i)));
  }
  carol.tcp().send(stream);
  for (unsigned i = 0; i < kCount; ++i) {
    const Arrived arrived = bob.next();
    CHECK_TRUE(arrived.peer == relayed);
    HEX_EQUAL(support::pattern(12 + 4 * i, i), arrived.data);
  }
}

TEST(ForwarderStreams, DontFragmentTakesItsPlaceInTheStream) {
  std::vector<std::byte> stream;
  for (unsigned i = 0; i < 20; ++i) {
    append_frame(stream, send_indication(peer.address(), support::pattern(20 + i, i), i % 3 == 0));
  }
  carol.tcp().send(stream);
  for (unsigned i = 0; i < 20; ++i) {
    HEX_EQUAL(support::pattern(20 + i, i), bench.arrives_at(peer)->bytes);
  }
}

TEST(ForwarderStreams, TooLongForADatagramIsDropped) {
  // A frame holds more than a datagram does.
  carol.send(channel_data(kChannel, support::pattern(65'507)));
  CHECK_EQUAL(65'507U, bench.arrives_at(peer)->bytes.size());
  carol.send(channel_data(kChannel, support::pattern(65'508)));
  carol.send(channel_data(kChannel, support::pattern(65'535)));
  carol.send(channel_data(kChannel, "fence"));
  CHECK_EQUAL(std::string("fence"), bench.text_at(peer));
  CHECK_EQUAL(2U, bench.dropped(DropReason::TooLarge));
}

TEST(ForwarderStreams, SlowReaderLosesWholeFramesAndNoPart) {
  constexpr std::size_t kSize = 9'999;
  unsigned sent = 0;
  while (bench.dropped(DropReason::QueueFull) == 0) {
    CHECK_TRUE(sent < 10'000);
    peer.send(relayed, support::pattern(kSize, sent));
    ++sent;
    bench.turn();
  }
  // What was not dropped comes whole and in order; a fence finds room as soon as the reader reads.
  unsigned expected = 0;
  for (;;) {
    peer.send(relayed, "fence");
    const Arrived arrived = carol.next();
    CHECK_TRUE(arrived.channel == kChannel);
    if (arrived.data.size() != kSize) {
      break;
    }
    while (arrived.data != support::pattern(kSize, expected)) {
      ++expected;
      CHECK_TRUE(expected < sent);
    }
    ++expected;
  }
  CHECK_TRUE(expected > 0);
}

TEST(ForwarderStreams, ClosingEndsTheAllocation) {
  for (int i = 0; i < 10; ++i) {
    peer.send(relayed, "on its way");
  }
  carol.tcp().reset();
  CHECK_TRUE(bench.serve_until([&] { return bench.server.allocations().size() == 0; }));
  CHECK_EQUAL(0U, bench.ports.in_use());
}

TEST(ForwarderStreams, StreamThatIsNotOneOfOursIsClosed) {
  carol.tcp().send("\x16\x03\x01\x02 a hello of TLS");
  CHECK_TRUE(bench.serve_until([&] {
    carol.tcp().read_some();
    return carol.tcp().is_closed();
  }));
  CHECK_EQUAL(0U, bench.server.allocations().size());
}
