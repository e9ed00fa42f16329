// SPDX-License-Identifier: Apache-2.0
#include "net/poll.hpp"

#include "net/udp_socket.hpp"
#include "support/loopback.hpp"
#include "support/test.hpp"

#include <memory>

#include <sys/socket.h>

using support::run_until;
using support::UdpEnd;

namespace {

/// A socket under watch that reads all there is, and may close itself.
class Watched final : public net::Poll::Listener {
 public:
  explicit Watched(net::Loop& loop)
      : fd_(std::move(*net::open_udp(
            support::at("127.91.0.1:0"), net::UdpRole::Relay, net::real_syscalls()))),
        poll_(std::make_unique<net::Poll>(loop, fd_.get(), *this)) {}

  void on_readable() override {
    ++readable;
    std::array<char, 64> buffer{};
    for (;;) {
      const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size < 0) {
        break;
      }
      received.emplace_back(buffer.data(), static_cast<std::size_t>(size));
    }
    if (closes_on_readable) {
      poll_.reset();
    }
  }

  void on_socket_error() override {
    ++socket_errors;
    if (closes_on_error) {
      poll_.reset();
      return;
    }
    while (const auto error = net::take_socket_error(fd_.get())) {
      ++taken;
    }
  }

  void send(const base::TransportAddress& to) const {
    sockaddr_storage storage{};
    const socklen_t length = to.to_sockaddr(storage);
    static_cast<void>(
        ::sendto(fd_.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&storage), length));
  }

  [[nodiscard]] base::TransportAddress address() const { return net::local_address(fd_.get()); }

  int readable = 0;
  int socket_errors = 0;
  int taken = 0;
  bool closes_on_readable = false;
  bool closes_on_error = false;
  std::vector<std::string> received;

 private:
  net::Fd fd_;
  std::unique_ptr<net::Poll> poll_;
};

}  // namespace

TEST_GROUP(Poll) {
  net::Loop loop;
  Watched watched{loop};
  UdpEnd peer;
  base::TransportAddress closed = support::closed_port("127.0.0.9");
};

TEST(Poll, TellsOfWhatArrives) {
  peer.send(watched.address(), "one");
  peer.send(watched.address(), "one");
  CHECK_TRUE(run_until(loop, [&] { return watched.received.size() == 2; }));
  peer.send(watched.address(), "more");
  CHECK_TRUE(run_until(loop, [&] { return watched.received.size() == 3; }));
  CHECK_EQUAL(std::string("more"), watched.received.back());
}

TEST(Poll, QuietSocketIsLeftAlone) {
  support::run_once(loop);
  support::run_once(loop);
  CHECK_EQUAL(0, watched.readable);
  CHECK_EQUAL(0, watched.socket_errors);
}

TEST(Poll, IcmpErrorsDoNotStopIt) {
  for (int round = 1; round <= 3; ++round) {
    watched.send(closed);
    CHECK_TRUE(run_until(loop, [&] { return watched.taken == round; }));
    peer.send(watched.address(), "behind");
    CHECK_TRUE(run_until(
        loop, [&] { return watched.received.size() == static_cast<std::size_t>(round); }));
  }
}

TEST(Poll, ErrorAndDatagramAtOnceAreBothTold) {
  watched.send(closed);
  peer.send(watched.address(), "x");
  CHECK_TRUE(run_until(loop, [&] { return watched.taken == 1 && watched.received.size() == 1; }));
}

TEST(Poll, MayBeClosedByItsListener) {
  watched.closes_on_readable = true;
  peer.send(watched.address(), "x");
  CHECK_TRUE(run_until(loop, [&] { return watched.readable == 1; }));
  peer.send(watched.address(), "unheard");
  support::run_once(loop);
  CHECK_EQUAL(1, watched.readable);
}

TEST(Poll, MayBeClosedByItsListenerOnAnError) {
  watched.closes_on_error = true;
  watched.send(closed);
  CHECK_TRUE(run_until(loop, [&] { return watched.socket_errors == 1; }));
  support::run_once(loop);
  CHECK_EQUAL(1, watched.socket_errors);
}

TEST(Poll, DescriptorMayComeAgainInTheSameTurn) {
  // Watches a socket, closes it and watches a new one, which gets the same number.
  for (int round = 0; round < 3; ++round) {
    Watched other(loop);
    peer.send(other.address(), "x");
    CHECK_TRUE(run_until(loop, [&] { return other.readable == 1; }));
  }
}
