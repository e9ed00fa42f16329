// SPDX-License-Identifier: Apache-2.0
// Which relayed addresses an Allocate gets: families, even ports, reservations, failing binds.
#include "support/hex.hpp"
#include "support/turn_test.hpp"

namespace {

using base::TransportAddress;
using stun::AttributeType;
using stun::ErrorCode;
using support::lines;
using support::RawMessage;
using support::TestClient;
using support::TurnSetup;

TransportAddress address(const char* text) {
  return *TransportAddress::parse(text);
}

TurnSetup with_relays(std::vector<turn::RelayAddress> relay,
                      turn::PortRange ports = {50'000, 50'099}) {
  TurnSetup setup;
  setup.relay = std::move(relay);
  setup.relay_ports = ports;
  return setup;
}

}  // namespace

TEST_GROUP_BASE(RelayOpening, support::TurnTest){static RawMessage dual(TestClient & client){
    return client.allocate().add_leading_u8(AttributeType::AdditionalAddressFamily, 2);
}

static RawMessage even(TestClient& client, bool reserve_next) {
  return client.allocate().add_u8(AttributeType::EvenPort, reserve_next ? 0x80 : 0);
}

static bool contains(const std::string& log, std::string_view part) {
  return log.find(part) != std::string::npos;
}

void nothing_is_held() const {
  CHECK_EQUAL(0U, bench.server.allocations().size());
  CHECK_EQUAL(0U, bench.quota.total());
  CHECK_EQUAL(std::size_t{0}, bench.ports.in_use());
  CHECK_TRUE(bench.open_sockets().empty());
}

/// Token of the last answer.
std::vector<std::byte> last_token() const {
  const auto token =
      stun::MessageView::parse(bench.last_sent())->find(AttributeType::ReservationToken);
  return token ? std::vector<std::byte>(token->begin(), token->end()) : std::vector<std::byte>();
}
}
;

TEST(RelayOpening, BothFamiliesAtOnce) {
  LOG_EQUAL(lines({"open 192.0.2.10:50000",
                   "open [2001:db8::10]:50000",
                   "created alice",
                   "to 198.51.100.1:40000: Allocate success relayed=192.0.2.10:50000 "
                   "relayed=[2001:db8::10]:50000 "
                   "mapped=198.51.100.1:40000 lifetime=600 integrity=sha1"}),
            alice.send(dual(alice)));
  CHECK_EQUAL(1U, bench.quota.count("alice"));
  CHECK_EQUAL(std::size_t{2}, bench.ports.in_use());
}

TEST(RelayOpening, HalfOfBothFamiliesSaysWhyTheOtherIsMissing) {
  bench.fail_binds(address("[2001:db8::10]:50000"), std::errc::too_many_files_open);
  LOG_EQUAL(lines({"open 192.0.2.10:50000",
                   "cannot open [2001:db8::10]:50000",
                   "created alice",
                   "to 198.51.100.1:40000: Allocate success relayed=192.0.2.10:50000 "
                   "mapped=198.51.100.1:40000 "
                   "lifetime=600 address-error=02:508 integrity=sha1"}),
            alice.send(dual(alice)));
  CHECK_EQUAL(std::size_t{1}, bench.ports.in_use());
}

TEST(RelayOpening, HalfOfBothFamiliesMayBeIPv6) {
  bench.fail_binds(address("192.0.2.10:50000"), std::errc::too_many_files_open);
  LOG_EQUAL(lines({"cannot open 192.0.2.10:50000",
                   "open [2001:db8::10]:50000",
                   "created alice",
                   "to 198.51.100.1:40000: Allocate success relayed=[2001:db8::10]:50000 "
                   "mapped=198.51.100.1:40000 "
                   "lifetime=600 address-error=01:508 integrity=sha1"}),
            alice.send(dual(alice)));
  // Again, from a retransmission.
  const RawMessage again = dual(bob);
  const std::string first = bob.send(again);
  CHECK_TRUE(contains(first, bob.send(again)));
}

TEST(RelayOpening, NeitherOfBothFamiliesIs508) {
  bench.fail_binds(address("192.0.2.10:50000"), std::errc::too_many_files_open);
  bench.fail_binds(address("[2001:db8::10]:50000"), std::errc::too_many_files_open);
  LOG_EQUAL(lines({"cannot open 192.0.2.10:50000",
                   "cannot open [2001:db8::10]:50000",
                   refused(alice, "Allocate", ErrorCode::InsufficientCapacity)}),
            alice.send(dual(alice)));
  nothing_is_held();
}

TEST(RelayOpening, ServerWithoutIPv6AnswersHalfWith440) {
  support::TurnBench ipv4_only(with_relays({TurnSetup::relay_address("192.0.2.10")}));
  TestClient client(ipv4_only, "198.51.100.1:40000");
  CHECK_TRUE(contains(client.send(dual(client)), " address-error=02:440 "));
  TestClient other(ipv4_only, "198.51.100.1:40001");
  LOG_EQUAL(refused(other, "Allocate", ErrorCode::AddressFamilyNotSupported),
            other.send(other.allocate().add_leading_u8(AttributeType::RequestedAddressFamily, 2)));
}

TEST(RelayOpening, ServerWithoutIPv4RefusesWhoAsksForNothing) {
  support::TurnBench ipv6_only(with_relays({TurnSetup::relay_address("2001:db8::10")}));
  TestClient client(ipv6_only, "[2001:db8::77]:40000");
  LOG_EQUAL(refused(client, "Allocate", ErrorCode::AddressFamilyNotSupported),
            client.send(client.allocate()));
  CHECK_TRUE(contains(
      client.send(client.allocate().add_leading_u8(AttributeType::RequestedAddressFamily, 2)),
      "relayed=[2001:db8::10]:50000 mapped=[2001:db8::77]:40000"));
}

TEST(RelayOpening, AddressThatTheClientReachedIsPreferred) {
  support::TurnBench several(with_relays({TurnSetup::relay_address("192.0.2.10"),
                                          TurnSetup::relay_address("192.0.2.1"),
                                          TurnSetup::relay_address("192.0.2.11")}));
  TestClient client(several, "198.51.100.1:40000");
  CHECK_TRUE(contains(client.send(client.allocate()), "relayed=192.0.2.1:50000 "));
}

TEST(RelayOpening, ExternalAddressIsWhatTheClientIsTold) {
  support::TurnBench nat(with_relays({TurnSetup::relay_address("10.0.0.5", "192.0.2.5")}));
  TestClient client(nat, "198.51.100.1:40000");
  LOG_EQUAL(lines({"open 10.0.0.5:50000",
                   "created alice",
                   "to 198.51.100.1:40000: Allocate success relayed=192.0.2.5:50000 "
                   "mapped=198.51.100.1:40000 "
                   "lifetime=600 integrity=sha1"}),
            client.send(client.allocate()));
  CHECK_TRUE(nat.server.find_relayed(address("192.0.2.5:50000")) == client.relay());
  CHECK_FALSE(nat.server.find_relayed(address("10.0.0.5:50000")).has_value());
  CHECK_EQUAL(address("192.0.2.5:50000"), nat.server.external_address(client.relay()));
}

TEST(RelayOpening, PortsInUseAreSkipped) {
  for (const std::errc error : {std::errc::address_in_use, std::errc::permission_denied}) {
    support::TurnBench small(
        with_relays({TurnSetup::relay_address("192.0.2.10")}, {50'000, 50'003}));
    small.random.scatter();
    for (const char* taken : {"192.0.2.10:50000", "192.0.2.10:50001", "192.0.2.10:50003"}) {
      small.fail_binds(address(taken), error);
    }
    TestClient client(small, "198.51.100.1:40000");
    CHECK_TRUE(contains(client.send(client.allocate()), "relayed=192.0.2.10:50002 "));
    CHECK_EQUAL(std::size_t{1}, small.ports.in_use());
  }
}

TEST(RelayOpening, OtherBindErrorsAreNotTriedAgain) {
  bench.fail_binds(address("192.0.2.10:50000"), std::errc::too_many_files_open);
  LOG_EQUAL(lines({"cannot open 192.0.2.10:50000",
                   refused(alice, "Allocate", ErrorCode::InsufficientCapacity)}),
            alice.send(alice.allocate()));
  nothing_is_held();
}

TEST(RelayOpening, EachAttemptTriesAnotherPort) {
  // Without scatter() every search begins at 50000.
  bench.fail_binds(address("192.0.2.10:50000"), std::errc::address_in_use);
  bench.fail_binds(address("192.0.2.10:50001"), std::errc::address_in_use);
  CHECK_TRUE(contains(alice.send(alice.allocate()), "relayed=192.0.2.10:50002 "));
  CHECK_EQUAL(std::size_t{1}, bench.ports.in_use());
}

TEST(RelayOpening, BindIsTriedAFewTimesAtMost) {
  for (unsigned i = 0; i <= turn::kBindAttemptsMax; ++i) {
    bench.fail_binds({address("192.0.2.10:50000").ip, static_cast<std::uint16_t>(50'000 + i)},
                     std::errc::address_in_use);
  }
  const std::string log = alice.send(alice.allocate());
  std::size_t attempts = 0;
  for (std::size_t at = log.find("cannot open"); at != std::string::npos;
       at = log.find("cannot open", at + 1)) {
    ++attempts;
  }
  CHECK_EQUAL(std::size_t{turn::kBindAttemptsMax}, attempts);
  nothing_is_held();
}

TEST(RelayOpening, FullRangeIs508UntilAPortIsFree) {
  support::TurnBench small(with_relays({TurnSetup::relay_address("192.0.2.10")}, {50'000, 50'001}));
  TestClient first(small, "198.51.100.1:40000");
  TestClient second(small, "198.51.100.1:40001");
  TestClient third(small, "198.51.100.1:40002");
  first.have_allocation();
  second.have_allocation();
  LOG_EQUAL(refused(third, "Allocate", ErrorCode::InsufficientCapacity),
            third.send(third.allocate()));
  CHECK_EQUAL(2U, small.quota.total());
  static_cast<void>(first.send(first.refresh(0)));
  third.have_allocation();
}

TEST(RelayOpening, EvenPortIsEven) {
  alice.have_allocation();  // 50000.
  CHECK_TRUE(contains(bob.send(even(bob, false)), "relayed=192.0.2.10:50002 "));
}

TEST(RelayOpening, EvenPortOfBothFamilies) {
  alice.have_allocation();
  CHECK_TRUE(contains(bob.send(dual(bob).add_u8(AttributeType::EvenPort, 0)),
                      "relayed=192.0.2.10:50002 relayed=[2001:db8::10]:50000 "));
}

TEST(RelayOpening, NextPortIsReservedForTheTokensOwner) {
  CHECK_TRUE(contains(alice.send(even(alice, true)),
                      "relayed=192.0.2.10:50000 mapped=198.51.100.1:40000 lifetime=600 token="));
  CHECK_EQUAL(std::size_t{2}, bench.ports.in_use());
  CHECK_EQUAL(2U, bench.quota.count("alice"));
  const auto token = last_token();
  // Nobody else gets the port.
  bob.have_allocation();
  CHECK_EQUAL(std::size_t{1}, bench.open_sockets().count(address("192.0.2.10:50002")));

  TestClient second(bench, "198.51.100.9:1", "alice");
  LOG_EQUAL(
      lines({"open 192.0.2.10:50001",
             "created alice",
             "to 198.51.100.9:1: Allocate success relayed=192.0.2.10:50001 mapped=198.51.100.9:1 "
             "lifetime=600 integrity=sha1"}),
      second.send(second.allocate().add(AttributeType::ReservationToken, token)));
  CHECK_EQUAL(2U, bench.quota.count("alice"));
}

TEST(RelayOpening, NextPortOfAnIPv6AddressIsReservedToo) {
  static_cast<void>(
      alice.send(even(alice, true).add_leading_u8(AttributeType::RequestedAddressFamily, 2)));
  const auto token = last_token();
  TestClient second(bench, "198.51.100.9:1", "alice");
  CHECK_TRUE(contains(second.send(second.allocate().add(AttributeType::ReservationToken, token)),
                      "relayed=[2001:db8::10]:50001 "));
}

TEST(RelayOpening, TokenWorksOnce) {
  static_cast<void>(alice.send(even(alice, true)));
  const auto token = last_token();
  TestClient second(bench, "198.51.100.9:1", "alice");
  static_cast<void>(second.send(second.allocate().add(AttributeType::ReservationToken, token)));
  TestClient third(bench, "198.51.100.9:2", "alice");
  LOG_EQUAL(refused(third, "Allocate", ErrorCode::InsufficientCapacity),
            third.send(third.allocate().add(AttributeType::ReservationToken, token)));
}

TEST(RelayOpening, TokenOfAnotherUserIs508AndStaysValid) {
  static_cast<void>(alice.send(even(alice, true)));
  const auto token = last_token();
  LOG_EQUAL(refused(bob, "Allocate", ErrorCode::InsufficientCapacity),
            bob.send(bob.allocate().add(AttributeType::ReservationToken, token)));
  CHECK_EQUAL(0U, bench.quota.count("bob"));
  TestClient second(bench, "198.51.100.9:1", "alice");
  CHECK_TRUE(contains(second.send(second.allocate().add(AttributeType::ReservationToken, token)),
                      "success"));
}

TEST(RelayOpening, TokenIsToldAgainToARetransmission) {
  const RawMessage request = even(alice, true);
  static_cast<void>(alice.send(request));
  const auto first = bench.last_sent();
  static_cast<void>(alice.send(request));
  HEX_EQUAL(first, bench.last_sent());
  CHECK_EQUAL(2U, bench.quota.count("alice"));
}

TEST(RelayOpening, ReservationEndsAfterItsLifetimeAndGivesAllBack) {
  static_cast<void>(alice.send(even(alice, true)));
  const auto token = last_token();
  bench.advance(turn::kReservationLifetime - std::chrono::nanoseconds{1});
  CHECK_EQUAL(std::size_t{2}, bench.ports.in_use());
  bench.advance(std::chrono::nanoseconds{1});
  CHECK_EQUAL(std::size_t{1}, bench.ports.in_use());
  CHECK_EQUAL(1U, bench.quota.count("alice"));
  TestClient second(bench, "198.51.100.9:1", "alice");
  LOG_EQUAL(refused(second, "Allocate", ErrorCode::InsufficientCapacity),
            second.send(second.allocate().add(AttributeType::ReservationToken, token)));
}

TEST(RelayOpening, ReservationOutlivesTheAllocationThatMadeIt) {
  static_cast<void>(alice.send(even(alice, true)));
  const auto token = last_token();
  static_cast<void>(alice.send(alice.refresh(0)));
  CHECK_EQUAL(std::size_t{1}, bench.ports.in_use());
  static_cast<void>(alice.send(alice.allocate().add(AttributeType::ReservationToken, token)));
  CHECK_EQUAL(std::size_t{1}, bench.open_sockets().count(address("192.0.2.10:50001")));
  bench.advance(turn::kReservationLifetime);
  CHECK_EQUAL(std::size_t{1}, bench.ports.in_use());
}

TEST(RelayOpening, ReservationCountsAgainstTheUsersLimit) {
  bench.reload([](TurnSetup& setup) { setup.policy.allocations_per_user = 1; });
  CHECK_TRUE(contains(alice.send(even(alice, true)),
                      refused(alice, "Allocate", ErrorCode::AllocationQuotaReached)));
  nothing_is_held();
}

TEST(RelayOpening, ReservedPortThatCannotBeBoundIs508) {
  static_cast<void>(alice.send(even(alice, true)));
  const auto token = last_token();
  bench.fail_binds(address("192.0.2.10:50001"), std::errc::address_in_use);
  TestClient second(bench, "198.51.100.9:1", "alice");
  CHECK_TRUE(contains(second.send(second.allocate().add(AttributeType::ReservationToken, token)),
                      refused(second, "Allocate", ErrorCode::InsufficientCapacity)));
  CHECK_EQUAL(1U, bench.quota.count("alice"));
  CHECK_EQUAL(std::size_t{1}, bench.ports.in_use());
}

TEST(RelayOpening, PairWhoseSecondPortIsTakenIsSkipped) {
  support::TurnBench small(with_relays({TurnSetup::relay_address("192.0.2.10")}, {50'000, 50'003}));
  small.random.scatter();
  // Somebody outside this process has the odd port of the first pair.
  small.fail_binds(address("192.0.2.10:50001"), std::errc::address_in_use);
  TestClient client(small, "198.51.100.1:40000");
  CHECK_TRUE(contains(client.send(even(client, true)), "relayed=192.0.2.10:50002 "));
  CHECK_EQUAL(std::size_t{2}, small.ports.in_use());
}

TEST(RelayOpening, PairNeedsTwoNeighbours) {
  support::TurnBench small(with_relays({TurnSetup::relay_address("192.0.2.10")}, {50'001, 50'002}));
  TestClient client(small, "198.51.100.1:40000");
  LOG_EQUAL(refused(client, "Allocate", ErrorCode::InsufficientCapacity),
            client.send(even(client, true)));
  CHECK_EQUAL(std::size_t{0}, small.ports.in_use());
  CHECK_TRUE(contains(client.send(even(client, false)), "relayed=192.0.2.10:50002 "));
}
