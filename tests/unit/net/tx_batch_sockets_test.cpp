// SPDX-License-Identifier: Apache-2.0
#include "net/tx_batch.hpp"
#include "net/udp_socket.hpp"
#include "support/hex.hpp"
#include "support/loopback.hpp"
#include "support/test.hpp"

#include <poll.h>
#include <sys/socket.h>

using net::Destination;
using support::at;
using support::UdpEnd;

/// What arrives at the other end.
TEST_GROUP(TxBatchSockets) {
  net::TxBatch batch{net::real_syscalls()};
  UdpEnd peer;
  std::vector<std::byte> bytes = support::pattern(65'507);

  static net::Fd open(std::string_view local, net::UdpRole role = net::UdpRole::Relay) {
    auto fd = net::open_udp(at(local), role, net::real_syscalls());
    CHECK_TRUE(fd.has_value());
    return std::move(*fd);
  }

  void arrives(const UdpEnd& end, base::Bytes expected) {
    const auto datagram = end.wait();
    CHECK_TRUE(datagram.has_value());
    HEX_EQUAL(expected, datagram->bytes);
  }
};

TEST(TxBatchSockets, TrainArrivesAsItsDatagrams) {
  const net::Fd fd = open("127.91.0.1:0");
  const Destination to(peer.address());
  for (std::size_t i = 0; i < 70; ++i) {
    batch.add(
        fd.get(), to, base::Bytes(bytes).subspan(i, 4), base::Bytes(bytes).subspan(i * 2, 96));
  }
  batch.add(fd.get(), to, {}, base::Bytes(bytes).first(7));
  CHECK_EQUAL(0U, batch.flush().datagrams);
  for (std::size_t i = 0; i < 70; ++i) {
    arrives(
        peer,
        support::concat({base::Bytes(bytes).subspan(i, 4), base::Bytes(bytes).subspan(i * 2, 96)}));
  }
  arrives(peer, base::Bytes(bytes).first(7));
}

TEST(TxBatchSockets, EmptyAndLargestDatagramsArrive) {
  const net::Fd fd = open("127.91.0.1:0");
  const Destination to(peer.address());
  batch.add(fd.get(), to, {}, {});
  batch.add(fd.get(), to, {}, bytes);
  batch.add(fd.get(), to, {}, {});
  CHECK_EQUAL(0U, batch.flush().datagrams);
  arrives(peer, {});
  arrives(peer, bytes);
  arrives(peer, {});
}

TEST(TxBatchSockets, TooLargeIsLostAndTheRestArrives) {
  const net::Fd fd = open("127.91.0.1:0");
  const Destination to(peer.address());
  const std::vector<std::byte> too_large(65'508);
  batch.add(fd.get(), to, {}, base::bytes_of("before"));
  batch.add(fd.get(), to, {}, too_large);
  batch.add(fd.get(), to, {}, base::bytes_of("behind"));
  CHECK_EQUAL(1U, batch.flush().datagrams);
  CHECK_EQUAL(std::string("before"), peer.wait_text());
  CHECK_EQUAL(std::string("behind"), peer.wait_text());
}

TEST(TxBatchSockets, RefusedDestinationIsLostAndTheRestArrives) {
  const net::Fd fd = open("127.91.0.1:0");
  batch.add(fd.get(), Destination(at("127.91.0.1:0")), {}, base::bytes_of("nowhere"));
  batch.add(fd.get(), Destination(peer.address()), {}, base::bytes_of("here"));
  CHECK_EQUAL(1U, batch.flush().datagrams);
  CHECK_EQUAL(std::string("here"), peer.wait_text());
}

TEST(TxBatchSockets, TrainThatTheKernelRefusesArrivesAllTheSame) {
  const net::Fd fd = open("127.91.0.1:0");
  // Without checksums the kernel does not segment.
  const int on = 1;
  CHECK_EQUAL(0, ::setsockopt(fd.get(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on));
  const Destination to(peer.address());
  batch.add(fd.get(), to, {}, base::bytes_of("one"));
  batch.add(fd.get(), to, {}, base::bytes_of("two"));
  batch.add(fd.get(), to, {}, base::bytes_of("3"));
  CHECK_EQUAL(0U, batch.flush().datagrams);
  CHECK_EQUAL(std::string("one"), peer.wait_text());
  CHECK_EQUAL(std::string("two"), peer.wait_text());
  CHECK_EQUAL(std::string("3"), peer.wait_text());
}

TEST(TxBatchSockets, IcmpErrorCostsNoLaterDatagram) {
  const net::Fd fd = open("127.91.0.1:0");
  const base::TransportAddress closed = support::closed_port("127.0.0.9");
  batch.add(fd.get(), Destination(closed), {}, base::bytes_of("nobody"));
  CHECK_EQUAL(0U, batch.flush().datagrams);
  CHECK_TRUE(support::wait_until([&] {
    pollfd events{fd.get(), 0, 0};
    return ::poll(&events, 1, 0) == 1 && (events.revents & POLLERR) != 0;
  }));
  const Destination to(peer.address());
  batch.add(fd.get(), to, {}, base::bytes_of("first"));
  batch.add(fd.get(), to, {}, base::bytes_of("train"));
  CHECK_EQUAL(0U, batch.flush().datagrams);
  CHECK_EQUAL(std::string("first"), peer.wait_text());
  CHECK_EQUAL(std::string("train"), peer.wait_text());
}

TEST(TxBatchSockets, WildcardSocketAnswersFromTheAddressThatIsNamed) {
  const net::Fd fd = open("0.0.0.0:0", net::UdpRole::Listener);
  const std::uint16_t port = net::local_address(fd.get()).port;
  for (const std::string_view source : {"127.0.0.5", "127.0.0.6"}) {
    const base::IpAddress ip = *base::IpAddress::parse(source);
    batch.add(fd.get(), Destination(peer.address(), ip), {}, base::bytes_of("train"));
    batch.add(fd.get(), Destination(peer.address(), ip), {}, base::bytes_of("train"));
    CHECK_EQUAL(0U, batch.flush().datagrams);
    CHECK_EQUAL((base::TransportAddress{ip, port}), peer.wait()->from);
    CHECK_EQUAL((base::TransportAddress{ip, port}), peer.wait()->from);
  }
}

TEST(TxBatchSockets, Ipv6TrainArrives) {
  const UdpEnd peer6("::1");
  const net::Fd fd = open("[::]:0", net::UdpRole::Listener);
  const Destination to(peer6.address(), at("[::1]:0").ip);
  batch.add(fd.get(), to, {}, base::bytes_of("one"));
  batch.add(fd.get(), to, {}, base::bytes_of("two"));
  CHECK_EQUAL(0U, batch.flush().datagrams);
  CHECK_EQUAL(std::string("one"), peer6.wait_text());
  CHECK_EQUAL(std::string("two"), peer6.wait_text());
}
