// SPDX-License-Identifier: Apache-2.0
#include "turn/relay_ports.hpp"

#include "support/abort.hpp"
#include "support/hex.hpp"
#include "support/seeded_random.hpp"
#include "support/test.hpp"

#include <set>
#include <thread>

namespace {

using base::Instant;
using base::IpAddress;
using base::TransportAddress;
using std::chrono::seconds;
using turn::RelayPorts;
using Parity = turn::RelayPorts::Parity;

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

TransportAddress address(const char* text) {
  return *TransportAddress::parse(text);
}

turn::ReservationToken token(unsigned char first) {
  return {std::byte{first}};
}

std::vector<turn::RelayAddress> addresses() {
  return {{ip("192.0.2.10"), ip("192.0.2.10")}, {ip("10.0.0.5"), ip("192.0.2.5")}};
}

}  // namespace

TEST_GROUP(RelayPorts) {
  support::SeededRandom random{9};
  RelayPorts ports{addresses(), {50'000, 50'009}};

  std::set<std::uint16_t> claim_all(RelayPorts & from, Parity parity) {
    std::set<std::uint16_t> claimed;
    while (const auto port = from.claim(0, parity, 0, random)) {
      CHECK_TRUE(claimed.insert(*port).second);
    }
    return claimed;
  }
};

TEST(RelayPorts, KnowsItsRange) {
  CHECK_EQUAL(std::size_t{2}, ports.addresses().size());
  CHECK_EQUAL(50'000, int{ports.range().first});
  CHECK_EQUAL(std::size_t{20}, ports.capacity());
  CHECK_EQUAL(std::size_t{0}, ports.in_use());
}

TEST(RelayPorts, EveryPortIsGivenOnce) {
  const auto claimed = claim_all(ports, Parity::Any);
  CHECK_EQUAL(std::size_t{10}, claimed.size());
  CHECK_EQUAL(50'000, int{*claimed.begin()});
  CHECK_EQUAL(50'009, int{*claimed.rbegin()});
  CHECK_EQUAL(std::size_t{10}, ports.in_use());
  // The other address has ports of its own.
  CHECK_TRUE(ports.claim(1, Parity::Any, 0, random).has_value());
}

TEST(RelayPorts, EvenPortsAreEven) {
  const auto claimed = claim_all(ports, Parity::Even);
  CHECK_EQUAL((std::set<std::uint16_t>{50'000, 50'002, 50'004, 50'006, 50'008}), claimed);
}

TEST(RelayPorts, ReleasedPortIsGivenAgain) {
  static_cast<void>(claim_all(ports, Parity::Any));
  ports.release(0, 50'004);
  CHECK_EQUAL(std::size_t{9}, ports.in_use());
  CHECK_EQUAL(std::optional<std::uint16_t>(50'004), ports.claim(0, Parity::Any, 0, random));
}

TEST(RelayPorts, ReleaseOfAFreePortIsABug) {
  CHECK_TRUE(support::aborts([this] { ports.release(0, 50'000); }));
  CHECK_TRUE(support::aborts([this] { ports.assign(0, 50'000, 1); }));
}

TEST(RelayPorts, PairsAreAnEvenPortAndTheNext) {
  std::set<std::uint16_t> firsts;
  while (const auto first = ports.claim_pair(0, 0, random)) {
    CHECK_EQUAL(0, *first % 2);
    firsts.insert(*first);
  }
  CHECK_EQUAL(std::size_t{5}, firsts.size());
  CHECK_EQUAL(std::size_t{10}, ports.in_use());
}

TEST(RelayPorts, PairWithATakenHalfIsNone) {
  while (ports.claim(0, Parity::Even, 0, random)) {
  }
  CHECK_FALSE(ports.claim_pair(0, 0, random).has_value());
  CHECK_EQUAL(std::size_t{5}, ports.in_use());
  // Now the odd half of one pair: both neighbours must be free.
  ports.release(0, 50'004);
  CHECK_EQUAL(std::optional<std::uint16_t>(50'004), ports.claim_pair(0, 0, random));
}

TEST(RelayPorts, PairWhoseOddHalfIsTakenGivesItsEvenHalfBack) {
  RelayPorts four(addresses(), {50'000, 50'003});
  while (four.claim(0, Parity::Any, 0, random)) {
  }
  four.release(0, 50'000);
  CHECK_FALSE(four.claim_pair(0, 0, random).has_value());
  CHECK_EQUAL(std::size_t{3}, four.in_use());
  CHECK_EQUAL(std::optional<std::uint16_t>(50'000), four.claim(0, Parity::Any, 0, random));
}

TEST(RelayPorts, LastPortOfTheRangeBeginsNoPair) {
  RelayPorts odd(addresses(), {50'001, 50'002});
  CHECK_FALSE(odd.claim_pair(0, 0, random).has_value());
  RelayPorts single(addresses(), {50'000, 50'000});
  CHECK_FALSE(single.claim_pair(0, 0, random).has_value());
  CHECK_EQUAL(std::optional<std::uint16_t>(50'000), single.claim(0, Parity::Any, 0, random));
}

TEST(RelayPorts, WholeRangeOfPortsWorks) {
  RelayPorts all(addresses(), {1, 65'535});
  CHECK_EQUAL(std::size_t{131'070}, all.capacity());
  std::set<std::uint16_t> claimed;
  for (int i = 0; i < 30'000; ++i) {
    claimed.insert(*all.claim(0, Parity::Even, 0, random));
  }
  CHECK_EQUAL(std::size_t{30'000}, claimed.size());
  CHECK_TRUE(*claimed.begin() >= 2 && *claimed.rbegin() <= 65'534);
}

TEST(RelayPorts, PortsAreNotGivenInOrder) {
  RelayPorts large(addresses(), {49'152, 65'535});
  std::set<int> distances;
  int before = 0;
  for (int i = 0; i < 50; ++i) {
    const int port = *large.claim(0, Parity::Any, 0, random);
    distances.insert(port - before);
    before = port;
  }
  CHECK_TRUE(distances.size() > 40);
}

TEST(RelayPorts, OwnerIsTheWorkerByEitherAddress) {
  CHECK_FALSE(ports.owner(address("192.0.2.5:50003")).has_value());
  while (ports.claim(1, Parity::Any, 7, random)) {
  }
  CHECK_EQUAL(std::optional<turn::WorkerIndex>(7), ports.owner(address("192.0.2.5:50003")));
  CHECK_EQUAL(std::optional<turn::WorkerIndex>(7), ports.owner(address("10.0.0.5:50003")));
  CHECK_FALSE(ports.owner(address("192.0.2.10:50003")).has_value());
  CHECK_FALSE(ports.owner(address("192.0.2.5:49999")).has_value());
  CHECK_FALSE(ports.owner(address("192.0.2.5:50010")).has_value());
  CHECK_FALSE(ports.owner(address("192.0.2.6:50003")).has_value());
  ports.assign(1, 50'003, 126);
  CHECK_EQUAL(std::optional<turn::WorkerIndex>(126), ports.owner(address("192.0.2.5:50003")));
  ports.release(1, 50'003);
  CHECK_FALSE(ports.owner(address("192.0.2.5:50003")).has_value());
}

TEST(RelayPorts, ReservationIsTakenOnceByItsUser) {
  const Instant now{seconds{100}};
  ports.reserve(token(1), {0, 50'001, "alice", now + seconds{30}});
  CHECK_FALSE(ports.take_reservation(token(2), "alice", now).has_value());
  CHECK_FALSE(ports.take_reservation(token(1), "bob", now).has_value());
  const auto taken = ports.take_reservation(token(1), "alice", now);
  CHECK_EQUAL(50'001, int{taken->port});
  CHECK_FALSE(ports.take_reservation(token(1), "alice", now).has_value());
  CHECK_FALSE(ports.expire_reservation(token(1), now + seconds{99}).has_value());
}

TEST(RelayPorts, ReservationExpiresAtItsMoment) {
  const Instant now{seconds{100}};
  ports.reserve(token(1), {0, 50'001, "alice", now});
  CHECK_FALSE(ports.expire_reservation(token(1), now - base::Duration{1}).has_value());
  CHECK_FALSE(ports.take_reservation(token(1), "alice", now).has_value());
  const auto expired = ports.expire_reservation(token(1), now);
  CHECK_EQUAL(std::string("alice"), expired->user);
  CHECK_FALSE(ports.expire_reservation(token(1), now).has_value());
}

TEST(RelayPorts, TwoWorkersNeverGetTheSamePort) {
  RelayPorts shared(addresses(), {40'000, 49'999});
  std::vector<std::uint16_t> first;
  std::vector<std::uint16_t> second;
  const auto claim_many = [&](turn::WorkerIndex worker, std::vector<std::uint16_t>& into) {
    support::SeededRandom own(worker);
    while (const auto port = shared.claim(0, Parity::Any, worker, own)) {
      into.push_back(*port);
    }
  };
  std::thread other([&] { claim_many(1, second); });
  claim_many(0, first);
  other.join();
  std::set<std::uint16_t> all(first.begin(), first.end());
  all.insert(second.begin(), second.end());
  CHECK_EQUAL(std::size_t{10'000}, first.size() + second.size());
  CHECK_EQUAL(std::size_t{10'000}, all.size());
  CHECK_EQUAL(std::size_t{10'000}, shared.in_use());
}
