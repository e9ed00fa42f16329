// SPDX-License-Identifier: Apache-2.0
#include "net/rx_arena.hpp"

#include "net/udp_socket.hpp"
#include "support/loopback.hpp"
#include "support/spy_syscalls.hpp"
#include "support/test.hpp"

#include <algorithm>
#include <cerrno>

#include <poll.h>

using net::Received;
using net::RxArena;
using support::at;
using support::UdpEnd;

TEST_GROUP(RxArena) {
  RxArena arena;
  net::Fd fd = open("127.91.0.1:0");
  base::TransportAddress here = net::local_address(fd.get());
  UdpEnd sender;

  static net::Fd open(std::string_view local, net::UdpRole role = net::UdpRole::Listener) {
    auto opened = net::open_udp(at(local), role, net::real_syscalls());
    CHECK_TRUE(opened.has_value());
    return std::move(*opened);
  }

  static void wait_readable(const net::Fd& socket) {
    CHECK_TRUE(support::wait_until([&] {
      pollfd events{socket.get(), POLLIN, 0};
      return ::poll(&events, 1, 0) == 1 && (events.revents & POLLIN) != 0;
    }));
  }

  std::span<const Received> receive(unsigned count_max = RxArena::kSlots) {
    wait_readable(fd);
    return arena.receive(fd.get(), count_max, net::real_syscalls());
  }

  /// The next `count` of them, in as many calls as it takes.
  std::vector<Received> receive_all(std::size_t count) {
    std::vector<Received> all;
    while (all.size() < count) {
      const auto some = receive();
      CHECK_FALSE(some.empty());
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }

  static std::string text(const Received& received) {
    return std::string(base::text_of(received.bytes));
  }
};

TEST(RxArena, NothingToReadIsEmpty) {
  CHECK_TRUE(arena.receive(fd.get(), RxArena::kSlots, net::real_syscalls()).empty());
  CHECK_EQUAL(RxArena::kSlots, arena.free_slots());
}

TEST(RxArena, DatagramsComeWithTheirSenders) {
  const UdpEnd other("127.0.0.3");
  sender.send(here, "one");
  other.send(here, "second");
  const auto received = receive_all(2);
  CHECK_EQUAL(std::string("one"), text(received[0]));
  CHECK_EQUAL(3U, received[0].segment_size);
  CHECK_EQUAL(sender.address(), received[0].from);
  CHECK_FALSE(received[0].to.has_value());
  CHECK_EQUAL(std::string("second"), text(received[1]));
  CHECK_EQUAL(other.address(), received[1].from);
  CHECK_EQUAL(RxArena::kSlots - 2, arena.free_slots());
}

TEST(RxArena, TrainComesAsOneWithItsSegmentSize) {
  const std::vector<std::byte> bytes = support::pattern(250);
  sender.send_train(here, bytes, 100);
  const auto received = receive_all(1);
  HEX_EQUAL(bytes, received[0].bytes);
  CHECK_EQUAL(100U, received[0].segment_size);
  CHECK_EQUAL(sender.address(), received[0].from);
}

TEST(RxArena, LongestTrainComesWhole) {
  const std::vector<std::byte> bytes = support::pattern(1'000 * 64);
  sender.send_train(here, bytes, 1'000);
  const auto received = receive_all(1);
  CHECK_TRUE(std::ranges::equal(bytes, received[0].bytes));
  CHECK_EQUAL(1'000U, received[0].segment_size);
}

TEST(RxArena, SegmentSizeOfATrainIsNotLeftToTheNext) {
  sender.send_train(here, support::pattern(200), 100);
  CHECK_EQUAL(100U, receive_all(1)[0].segment_size);
  arena.clear();
  sender.send(here, support::pattern(150));
  CHECK_EQUAL(150U, receive_all(1)[0].segment_size);
}

TEST(RxArena, WildcardSocketTellsWhereADatagramWasSent) {
  fd = open("0.0.0.0:0");
  here = {at("127.0.0.7:0").ip, net::local_address(fd.get()).port};
  sender.send(here, "x");
  sender.send_train(here, support::pattern(200), 100);
  const auto received = receive_all(2);
  CHECK_EQUAL(std::optional(here.ip), received[0].to);
  CHECK_EQUAL(std::optional(here.ip), received[1].to);
  CHECK_EQUAL(100U, received[1].segment_size);
}

TEST(RxArena, Ipv6WildcardSocketTellsItToo) {
  fd = open("[::]:0");
  here = {at("[::1]:0").ip, net::local_address(fd.get()).port};
  const UdpEnd sender6("::1");
  sender6.send(here, "x");
  sender6.send_train(here, support::pattern(200), 100);
  const auto received = receive_all(2);
  CHECK_EQUAL(std::optional(here.ip), received[0].to);
  CHECK_EQUAL(sender6.address(), received[0].from);
  CHECK_EQUAL(std::optional(here.ip), received[1].to);
  CHECK_EQUAL(100U, received[1].segment_size);
}

TEST(RxArena, AddressOfOneIsNotLeftToTheNext) {
  net::Fd wildcard = open("0.0.0.0:0");
  std::swap(fd, wildcard);
  sender.send({at("127.0.0.7:0").ip, net::local_address(fd.get()).port}, "x");
  CHECK_TRUE(receive_all(1)[0].to.has_value());
  arena.clear();
  std::swap(fd, wildcard);
  sender.send(here, "x");
  CHECK_FALSE(receive_all(1)[0].to.has_value());
}

TEST(RxArena, EmptyDatagramIsOneToo) {
  sender.send(here, "");
  sender.send(here, "x");
  const auto received = receive_all(2);
  CHECK_TRUE(received[0].bytes.empty());
  CHECK_EQUAL(0U, received[0].segment_size);
  CHECK_EQUAL(sender.address(), received[0].from);
  CHECK_EQUAL(std::string("x"), text(received[1]));
}

TEST(RxArena, LargestDatagramComesWhole) {
  const std::vector<std::byte> bytes = support::pattern(65'507);
  sender.send(here, bytes);
  const auto received = receive_all(1);
  CHECK_TRUE(std::ranges::equal(bytes, received[0].bytes));
  CHECK_EQUAL(65'507U, received[0].segment_size);
}

TEST(RxArena, TakesNoMoreThanAskedFor) {
  for (int i = 0; i < 3; ++i) {
    sender.send(here, "x" + std::to_string(i));
  }
  CHECK_EQUAL(1U, receive(1).size());
  CHECK_EQUAL(RxArena::kSlots - 1, arena.free_slots());
  CHECK_EQUAL(std::string("x1"), text(receive(1)[0]));
  CHECK_EQUAL(std::string("x2"), text(receive(1)[0]));
}

TEST(RxArena, SlotsLiveUntilClear) {
  std::vector<Received> all;
  for (unsigned i = 0; i < RxArena::kSlots; ++i) {
    sender.send(here, support::pattern(1'000 + i, i));
    const auto one = receive_all(1);
    all.push_back(one[0]);
  }
  CHECK_EQUAL(0U, arena.free_slots());
  for (unsigned i = 0; i < RxArena::kSlots; ++i) {
    HEX_EQUAL(support::pattern(1'000 + i, i), all[i].bytes);
  }
}

TEST(RxArena, FullArenaLeavesTheRestInTheSocket) {
  for (unsigned i = 0; i <= RxArena::kSlots; ++i) {
    sender.send(here, "datagram " + std::to_string(i));
  }
  static_cast<void>(receive_all(RxArena::kSlots));
  CHECK_TRUE(receive().empty());
  arena.clear();
  CHECK_EQUAL(RxArena::kSlots, arena.free_slots());
  CHECK_EQUAL(std::string("datagram 64"), text(receive_all(1)[0]));
}

TEST(RxArena, RoomAroundABatchIsWritable) {
  const std::vector<std::byte> largest = support::pattern(65'507);
  for (unsigned i = 0; i < 3; ++i) {
    sender.send(here, largest);
  }
  const auto received = receive_all(3);
  for (const Received& one : received) {
    std::fill_n(one.bytes.data() - RxArena::kHeadroom, RxArena::kHeadroom, std::byte{0xEE});
    std::fill_n(one.bytes.data() + one.bytes.size(), RxArena::kTailroom, std::byte{0xEE});
  }
  for (const Received& one : received) {
    CHECK_TRUE(std::ranges::equal(largest, one.bytes));
  }
  // The last slot has both ends too.
  arena.clear();
  for (unsigned i = 0; i < RxArena::kSlots; ++i) {
    sender.send(here, "x");
  }
  const Received last = receive_all(RxArena::kSlots).back();
  std::fill_n(last.bytes.data() + 65'535, RxArena::kTailroom, std::byte{0xEE});
  CHECK_EQUAL(std::string("x"), text(last));
}

TEST(RxArena, FailingCallIsEmpty) {
  support::SpySyscalls spy;
  sender.send(here, "x");
  wait_readable(fd);
  spy.fail_nth(1, ECONNREFUSED);
  CHECK_TRUE(arena.receive(fd.get(), 8, spy.table()).empty());
  CHECK_EQUAL(RxArena::kSlots, arena.free_slots());
  CHECK_EQUAL(std::string("x"), text(arena.receive(fd.get(), 8, spy.table())[0]));
}

TEST(RxArena, PendingErrorIsEmptyOnceAndTheDatagramsFollow) {
  fd = open("127.91.0.1:0", net::UdpRole::Relay);
  here = net::local_address(fd.get());
  const base::TransportAddress closed = support::closed_port("127.0.0.9");
  // What the socket sends there comes back as an ICMP error.
  sockaddr_storage to{};
  const socklen_t size = closed.to_sockaddr(to);
  CHECK_EQUAL(1, ::sendto(fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), size));
  CHECK_TRUE(support::wait_until([&] {
    pollfd events{fd.get(), 0, 0};
    return ::poll(&events, 1, 0) == 1 && (events.revents & POLLERR) != 0;
  }));
  sender.send(here, "behind");
  wait_readable(fd);
  CHECK_TRUE(arena.receive(fd.get(), 8, net::real_syscalls()).empty());
  CHECK_EQUAL(std::string("behind"), text(receive(8)[0]));
}
