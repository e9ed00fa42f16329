// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_stream.hpp"

#include "net/udp_socket.hpp"
#include "support/loopback.hpp"
#include "support/test.hpp"

#include <algorithm>
#include <csignal>
#include <functional>
#include <memory>

#include <sys/socket.h>

using net::TcpStream;
using support::run_until;
using support::TcpEnd;

namespace {

/// Kernel buffers that are soon full; much smaller ones make the kernel wait between segments.
constexpr int kSmallBuffer = 64 * 1024;

/// An accepted connection that keeps what it reads, and what a test wants done besides.
class Accepted final : public TcpStream::Listener {
 public:
  Accepted(net::Loop& loop, net::TcpListener& from, base::MutableBytes read_buffer)
      : stream(std::make_unique<TcpStream>(loop, from, read_buffer, *this)) {}

  void on_bytes(base::Bytes bytes) override {
    ++calls;
    received.insert(received.end(), bytes.begin(), bytes.end());
    if (then) {
      then(bytes);
    }
  }

  void on_closed() override {
    ++closed;
    stream.reset();
  }

  std::function<void(base::Bytes)> then;
  std::vector<std::byte> received;
  int calls = 0;
  int closed = 0;
  std::unique_ptr<TcpStream> stream;
};

}  // namespace

TEST_GROUP(TcpStream) {
  net::Loop loop;
  std::vector<std::byte> read_buffer = std::vector<std::byte>(4096);
  std::vector<std::unique_ptr<Accepted>> accepted;
  std::function<void(Accepted&)> on_accepted;
  std::unique_ptr<net::TcpListener> listener;

  void setup() override {
    // As the process does: a write to a connection that is gone is an error, not an end.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    listener = listen("127.0.0.1:0");
  }

  std::unique_ptr<net::TcpListener> listen(std::string_view local) {
    auto fd = net::open_tcp_listener(support::at(local), net::real_syscalls());
    CHECK_TRUE(fd.has_value());
    // What is accepted inherits it.
    CHECK_EQUAL(0,
                ::setsockopt(fd->get(), SOL_SOCKET, SO_SNDBUF, &kSmallBuffer, sizeof kSmallBuffer));
    return std::make_unique<net::TcpListener>(loop, std::move(*fd), [this] {
      accepted.push_back(std::make_unique<Accepted>(loop, *listener, read_buffer));
      if (on_accepted) {
        on_accepted(*accepted.back());
      }
    });
  }

  /// The accepted side of a connection that was just made.
  Accepted& accept_one() {
    const std::size_t before = accepted.size();
    CHECK_TRUE(run_until(loop, [&] { return accepted.size() == before + 1; }));
    return *accepted.back();
  }

  /// Has the end read until `size` bytes have come.
  bool reads(TcpEnd & end, std::size_t size) {
    return run_until(loop, [&] {
      end.read_some();
      return end.received().size() >= size;
    });
  }
};

TEST(TcpStream, KnowsBothEnds) {
  const TcpEnd client(listener->address());
  const Accepted& server = accept_one();
  CHECK_TRUE(server.stream->is_connected());
  CHECK_EQUAL(client.address(), server.stream->remote());
  CHECK_EQUAL(listener->address(), server.stream->local());
}

TEST(TcpStream, KnowsBothEndsOfIpv6) {
  listener = listen("[::1]:0");
  const TcpEnd client(listener->address());
  const Accepted& server = accept_one();
  CHECK_EQUAL(client.address(), server.stream->remote());
  CHECK_EQUAL(listener->address(), server.stream->local());
}

TEST(TcpStream, WildcardListenerKnowsWhichAddressWasCalled) {
  listener = listen("0.0.0.0:0");
  const TcpEnd client({support::at("127.0.0.8:0").ip, listener->address().port});
  CHECK_EQUAL(support::at("127.0.0.8:0").ip, accept_one().stream->local().ip);
}

TEST(TcpStream, EchoesInOrder) {
  TcpEnd client(listener->address());
  Accepted& server = accept_one();
  server.then = [&](base::Bytes bytes) {
    server.stream->write(bytes.first(1));
    server.stream->write(bytes.subspan(1));
    server.stream->flush();
  };
  const std::vector<std::byte> sent = support::pattern(50'000);
  client.send(sent);
  CHECK_TRUE(reads(client, sent.size()));
  CHECK_TRUE(std::ranges::equal(sent, client.received()));
  CHECK_TRUE(std::ranges::equal(sent, server.received));
  CHECK_EQUAL(0U, server.stream->queued_bytes());
}

TEST(TcpStream, ServesManyAtOnce) {
  std::vector<std::unique_ptr<TcpEnd>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<TcpEnd>(listener->address()));
  }
  CHECK_TRUE(run_until(loop, [&] { return accepted.size() == clients.size(); }));
  for (const auto& server : accepted) {
    server->stream->write(base::bytes_of(server->stream->remote().to_string()));
    server->stream->flush();
  }
  for (const auto& client : clients) {
    const std::string expected = client->address().to_string();
    CHECK_TRUE(reads(*client, expected.size()));
    CHECK_EQUAL(expected, client->received_text());
  }
}

TEST(TcpStream, NothingLeavesBeforeFlush) {
  TcpEnd client(listener->address());
  Accepted& server = accept_one();
  server.stream->flush();
  server.stream->write(base::bytes_of("one "));
  server.stream->write(base::bytes_of("two"));
  CHECK_EQUAL(7U, server.stream->queued_bytes());
  support::run_once(loop);
  client.read_some();
  CHECK_EQUAL(std::string(), client.received_text());
  server.stream->flush();
  CHECK_EQUAL(0U, server.stream->queued_bytes());
  CHECK_TRUE(reads(client, 7));
  CHECK_EQUAL(std::string("one two"), client.received_text());
}

TEST(TcpStream, SlowReaderFillsTheQueueAndLosesNothing) {
  TcpEnd client(listener->address(), kSmallBuffer);
  Accepted& server = accept_one();
  std::vector<std::byte> sent;
  // Far more than the kernel takes of a reader that does not read.
  for (unsigned i = 0; server.stream->has_room(10'000); ++i) {
    CHECK_TRUE(i < 10'000);
    const std::vector<std::byte> bytes = support::pattern(10'000, i);
    server.stream->write(bytes);
    server.stream->flush();
    sent.insert(sent.end(), bytes.begin(), bytes.end());
    support::run_once(loop);
  }
  const std::size_t queued = server.stream->queued_bytes();
  CHECK_TRUE(queued > TcpStream::kQueueBytesMax - 10'000);
  CHECK_TRUE(queued <= TcpStream::kQueueBytesMax);
  CHECK_TRUE(server.stream->has_room(TcpStream::kQueueBytesMax - queued));
  CHECK_FALSE(server.stream->has_room(TcpStream::kQueueBytesMax - queued + 1));
  CHECK_TRUE(reads(client, sent.size()));
  CHECK_TRUE(std::ranges::equal(sent, client.received()));
  CHECK_TRUE(run_until(loop, [&] { return server.stream->queued_bytes() == 0; }));
}

TEST(TcpStream, QueueShrinksAsTheReaderTakes) {
  TcpEnd client(listener->address(), kSmallBuffer);
  Accepted& server = accept_one();
  const std::vector<std::byte> bytes = support::pattern(TcpStream::kQueueBytesMax);
  // The first of these fill the kernel's buffers, the last waits in one write.
  while (server.stream->queued_bytes() < TcpStream::kQueueBytesMax / 2) {
    server.stream->write(
        base::Bytes(bytes).first(TcpStream::kQueueBytesMax - server.stream->queued_bytes()));
    server.stream->flush();
    support::run_once(loop);
  }
  const std::size_t before = server.stream->queued_bytes();
  CHECK_TRUE(run_until(loop, [&] {
    client.read_some(10'000);
    return server.stream->queued_bytes() < before;
  }));
  CHECK_TRUE(server.stream->queued_bytes() > 0);
}

TEST(TcpStream, PeersEndIsToldOnce) {
  const TcpEnd client(listener->address());
  Accepted& server = accept_one();
  client.send("last words");
  client.shut_down();
  CHECK_TRUE(run_until(loop, [&] { return server.closed == 1; }));
  CHECK_EQUAL(std::string("last words"), std::string(base::text_of(server.received)));
  support::run_once(loop);
  CHECK_EQUAL(1, server.closed);
}

TEST(TcpStream, ResetIsToldToo) {
  TcpEnd client(listener->address());
  Accepted& server = accept_one();
  client.reset();
  CHECK_TRUE(run_until(loop, [&] { return server.closed == 1; }));
}

TEST(TcpStream, ResetWhileBytesWaitIsToldAndFreesThem) {
  TcpEnd client(listener->address(), kSmallBuffer);
  Accepted& server = accept_one();
  const std::vector<std::byte> bytes(10'000);
  while (server.stream->has_room(bytes.size())) {
    server.stream->write(bytes);
    server.stream->flush();
  }
  client.reset();
  CHECK_TRUE(run_until(loop, [&] { return server.closed == 1; }));
}

TEST(TcpStream, WritesToOneThatIsGoneAreLostQuietly) {
  TcpEnd client(listener->address());
  Accepted& server = accept_one();
  client.reset();
  for (int i = 0; i < 3 && server.stream != nullptr; ++i) {
    server.stream->write(base::bytes_of("to nobody"));
    server.stream->flush();
  }
  CHECK_TRUE(run_until(loop, [&] { return server.closed == 1; }));
}

TEST(TcpStream, MayBeDestroyedInsideOnBytes) {
  TcpEnd client(listener->address());
  Accepted& server = accept_one();
  server.then = [&](base::Bytes /*bytes*/) { server.stream.reset(); };
  client.send(support::pattern(read_buffer.size() * 4));
  CHECK_TRUE(run_until(loop, [&] {
    client.read_some();
    return client.is_closed();
  }));
  CHECK_EQUAL(1, server.calls);
  CHECK_EQUAL(0, server.closed);
}

TEST(TcpStream, MayBeDestroyedWhileBytesWait) {
  TcpEnd client(listener->address(), kSmallBuffer);
  Accepted& server = accept_one();
  const std::vector<std::byte> bytes(10'000);
  while (server.stream->has_room(bytes.size())) {
    server.stream->write(bytes);
    server.stream->flush();
  }
  server.stream.reset();
  CHECK_TRUE(run_until(loop, [&] {
    client.read_some();
    return client.is_closed();
  }));
}

TEST(TcpStream, RefusedConnectionIsClosedAndTheNextIsServed) {
  bool refuses = true;
  auto fd = net::open_tcp_listener(support::at("127.0.0.1:0"), net::real_syscalls());
  listener = std::make_unique<net::TcpListener>(loop, std::move(*fd), [&] {
    if (refuses) {
      listener->refuse();
    } else {
      accepted.push_back(std::make_unique<Accepted>(loop, *listener, read_buffer));
    }
  });
  TcpEnd unwanted(listener->address());
  CHECK_TRUE(run_until(loop, [&] {
    unwanted.read_some();
    return unwanted.is_closed();
  }));
  CHECK_TRUE(accepted.empty());
  refuses = false;
  const TcpEnd wanted(listener->address());
  CHECK_TRUE(accept_one().stream->is_connected());
}

TEST(TcpStream, ConnectionThatIsGoneBeforeItIsTakenHarmsNobody) {
  {
    TcpEnd hasty(listener->address());
    hasty.reset();
  }
  const TcpEnd patient(listener->address());
  // The hasty one is dropped by the kernel, told as not connected, or told as closed.
  CHECK_TRUE(run_until(loop, [&] {
    return !accepted.empty() && accepted.back()->stream != nullptr &&
           accepted.back()->stream->is_connected() &&
           accepted.back()->stream->remote() == patient.address();
  }));
}

TEST(TcpStream, NoDescriptorStaysOpen) {
  const std::size_t before = support::open_descriptors();
  {
    const TcpEnd client(listener->address());
    accept_one();
    accepted.clear();
  }
  support::run_once(loop);
  CHECK_EQUAL(before, support::open_descriptors());
}
