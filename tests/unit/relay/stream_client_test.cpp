// SPDX-License-Identifier: Apache-2.0
#include "relay/stream_client.hpp"

#include "net/udp_socket.hpp"
#include "support/hex.hpp"
#include "support/loopback.hpp"
#include "support/raw_message.hpp"
#include "support/relay_client.hpp"
#include "support/test.hpp"

#include <csignal>
#include <memory>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

using relay::StreamClient;
using support::channel_data;
using support::run_until;

namespace {

/// Keeps the frames, and destroys the client when its stream is over.
class NotingOwner final : public StreamClient::Owner {
 public:
  void on_stream_active(StreamClient& /*client*/) override { ++active; }

  void on_stream_frame(StreamClient& /*client*/, base::Bytes frame) override {
    frames.push_back(base::to_hex(frame));
  }

  void on_stream_over(StreamClient& /*client*/) override {
    ++over;
    client.reset();
  }

  std::unique_ptr<StreamClient> client;
  std::vector<std::string> frames;
  int active = 0;
  int over = 0;
};

constexpr base::Instant kNow{std::chrono::hours(2)};

}  // namespace

TEST_GROUP(StreamClient) {
  net::Loop loop;
  std::vector<std::byte> read_buffer = std::vector<std::byte>(4096);
  NotingOwner owner;
  std::unique_ptr<net::TcpListener> listener;
  std::unique_ptr<support::TcpEnd> end;

  void setup() override {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    auto fd = net::open_tcp_listener(support::at("127.91.0.1:0"), net::real_syscalls());
    listener = std::make_unique<net::TcpListener>(loop, std::move(*fd), [this] {
      owner.client = std::make_unique<StreamClient>(loop, *listener, read_buffer, owner, kNow);
    });
    connect();
  }

  void connect() {
    owner.client.reset();
    end = std::make_unique<support::TcpEnd>(listener->address());
    const int on = 1;
    CHECK_EQUAL(0, ::setsockopt(end->fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    CHECK_TRUE(run_until(loop, [this] { return owner.client != nullptr; }));
  }

  /// Sends a part and has it read before the next.
  void send_part(base::Bytes part) {
    const int before = owner.active;
    if (!part.empty()) {
      end->send(part);
      CHECK_TRUE(run_until(loop, [&] { return owner.active > before; }));
    }
  }
};

TEST(StreamClient, KnowsWhoItIs) {
  CHECK_TRUE(owner.client->is_connected());
  CHECK_EQUAL(end->address(), owner.client->five_tuple().client);
  CHECK_EQUAL(listener->address(), owner.client->five_tuple().server);
  CHECK_EQUAL(base::Transport::Tcp, owner.client->five_tuple().transport);
  CHECK_TRUE(owner.client->connected_at == kNow);
  CHECK_FALSE(owner.client->has_spoken);
}

TEST(StreamClient, FramesAreCutWhereverTheStreamIsSplit) {
  const std::vector<std::byte> message =
      support::RawMessage(stun::MessageClass::Request, stun::Method::Binding)
          .add(stun::AttributeType::Software, "test")
          .bytes();
  const std::vector<std::byte> data = channel_data(0x4000, "seven77");
  const std::vector<std::byte> empty = channel_data(0x4001, "");
  const std::vector<std::byte> padding(1);
  const std::vector<std::byte> stream = support::concat({message, data, padding, empty, message});
  const std::vector<std::string> expected{
      base::to_hex(message), base::to_hex(data), base::to_hex(empty), base::to_hex(message)};
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    owner.frames.clear();
    send_part(base::Bytes(stream).first(split));
    send_part(base::Bytes(stream).subspan(split));
    CHECK_EQUAL(expected, owner.frames);
  }
  owner.frames.clear();
  for (const std::byte& byte : stream) {
    send_part({&byte, 1});
  }
  CHECK_EQUAL(expected, owner.frames);
  CHECK_TRUE(owner.client->has_spoken);
  CHECK_EQUAL(0, owner.over);
}

TEST(StreamClient, PartOfAFrameIsNotSpeech) {
  const auto greeting = "001100002112a442000102030405060708090a0b"_hex;
  send_part(base::Bytes(greeting).first(19));
  CHECK_FALSE(owner.client->has_spoken);
  CHECK_TRUE(owner.frames.empty());
  send_part(base::Bytes(greeting).subspan(19));
  CHECK_TRUE(owner.client->has_spoken);
  // The byte of padding is a part of ChannelData on a stream: RFC 8656 §12.5.
  send_part(base::Bytes(channel_data(0x4000, "seven77")));
  CHECK_EQUAL(1U, owner.frames.size());
  send_part(base::Bytes(std::vector<std::byte>(1)));
  CHECK_EQUAL(2U, owner.frames.size());
}

TEST(StreamClient, LongestFrameComesWhole) {
  const std::vector<std::byte> data = channel_data(0x4FFF, support::pattern(65'532));
  owner.client->has_spoken = true;  // A stream may not begin with ChannelData.
  end->send(data);
  CHECK_TRUE(run_until(loop, [&] { return !owner.frames.empty(); }));
  CHECK_EQUAL(base::to_hex(data), owner.frames[0]);
}

TEST(StreamClient, StreamOfSomethingElseIsOver) {
  // A hello of TLS, a number that is no channel's, and what is neither.
  const auto greeting = "001100002112a442000102030405060708090a0b"_hex;
  for (const auto& first : {"16030102"_hex, "50000000"_hex, "ffffffff"_hex}) {
    connect();
    const int before = owner.over;
    end->send(greeting);
    end->send(first);
    CHECK_TRUE(run_until(loop, [&] { return owner.over == before + 1; }));
    CHECK_EQUAL(base::to_hex(greeting), owner.frames.back());
    CHECK_TRUE(run_until(loop, [&] {
      end->read_some();
      return end->is_closed();
    }));
  }
}

TEST(StreamClient, EndOfTheStreamIsTold) {
  end->shut_down();
  CHECK_TRUE(run_until(loop, [&] { return owner.over == 1; }));
}

TEST(StreamClient, FramesAreSentWithTheirPadding) {
  CHECK_TRUE(owner.client->send("40000005"_hex, base::bytes_of("five5")));
  CHECK_TRUE(owner.client->send("40000004"_hex, base::bytes_of("four")));
  CHECK_TRUE(owner.client->send({}, base::bytes_of("message!")));
  CHECK_EQUAL(28U, owner.client->queued_bytes());
  owner.client->flush();
  CHECK_TRUE(run_until(loop, [&] {
    end->read_some();
    return end->received().size() == 28;
  }));
  HEX_EQUAL("40000005 6669766535 000000 40000004 666f7572 6d65737361676521"_hex, end->received());
}

TEST(StreamClient, FrameThatFindsNoRoomIsRefusedWhole) {
  const std::vector<std::byte> data(10'000);
  std::size_t sent = 0;
  while (owner.client->send("40002710"_hex, data)) {
    owner.client->flush();
    sent += data.size() + 4;
    CHECK_TRUE(sent < 100'000'000);
  }
  // A smaller one may still find some.
  const std::size_t room = net::TcpStream::kQueueBytesMax - owner.client->queued_bytes();
  CHECK_TRUE(room < data.size() + 4);
  if (room >= 8) {
    CHECK_TRUE(owner.client->send("40000001"_hex, base::bytes_of("x")));
    sent += 8;
  }
  CHECK_TRUE(run_until(loop, [&] {
    end->read_some();
    return end->received().size() >= sent;
  }));
  CHECK_EQUAL(sent, end->received().size());
}
