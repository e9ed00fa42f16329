// SPDX-License-Identifier: Apache-2.0
// Allocate: the checks of RFC 8656 §7.2 in their order.
#include "support/hex.hpp"
#include "support/turn_test.hpp"

namespace {

using stun::AttributeType;
using stun::ErrorCode;
using support::lines;
using support::RawMessage;
using support::TurnSetup;

}  // namespace

TEST_GROUP_BASE(Allocate, support::TurnTest){std::string refused_allocate(ErrorCode code)
                                                 const {return refused(alice, "Allocate", code);
}

/// The log of an allocation that alice got, with the first ports that are free.
static std::string got(std::string_view relayed, std::string_view rest = "lifetime=600") {
  const std::string address(relayed);
  return lines({"open " + address,
                "created alice",
                "to 198.51.100.1:40000: Allocate success relayed=" + address +
                    " mapped=198.51.100.1:40000 " + std::string(rest) + " integrity=sha1"});
}
}
;

TEST(Allocate, GetsARelayedAddressOnceItsSocketExists) {
  LOG_EQUAL(got("192.0.2.10:50000"), alice.send(alice.allocate()));
  CHECK_EQUAL(1U, bench.server.allocations().size());
  CHECK_EQUAL(1U, bench.counters.allocations_live.value());
  CHECK_EQUAL(1U, bench.counters.allocations_created.value());
  CHECK_EQUAL(1U, bench.quota.count("alice"));
  CHECK_EQUAL(std::size_t{1}, bench.ports.in_use());
}

TEST(Allocate, ClientsGetAddressesOfTheirOwn) {
  alice.have_allocation();
  bob.have_allocation();
  CHECK_EQUAL((std::set{*base::TransportAddress::parse("192.0.2.10:50000"),
                        *base::TransportAddress::parse("192.0.2.10:50001")}),
              bench.open_sockets());
}

TEST(Allocate, FiveTuplesDifferInProtocolAndServerAddress) {
  alice.have_allocation();
  support::TestClient stream(bench, "198.51.100.1:40000", "alice", base::Transport::Tcp);
  stream.have_allocation();
  support::TestClient other_server(bench, "198.51.100.1:40000");
  other_server.five_tuple.server.port = 3479;
  other_server.have_allocation();
  CHECK_EQUAL(3U, bench.server.allocations().size());
}

TEST(Allocate, UnauthenticatedIsChallenged) {
  LOG_EQUAL(
      "to 198.51.100.1:40000: Allocate error 401 realm=example.org nonce=obMatJos2wAAA+29 "
      "algorithms=0002000000010000",
      alice.send_bare(alice.allocate()));
  CHECK_EQUAL(0U, bench.server.allocations().size());
}

TEST(Allocate, AuthenticationGoesBeforeEveryOtherCheck) {
  alice.have_allocation();
  const RawMessage nonsense =
      alice.request(stun::Method::Allocate).add(static_cast<AttributeType>(0x7FFF), "");
  CHECK_TRUE(alice.send_bare(nonsense).find(" 401 ") != std::string::npos);
}

TEST(Allocate, UnknownAttributeIs420WithItsType) {
  LOG_EQUAL(lines({"refused Allocate of alice at 198.51.100.1:40000: 420",
                   "to 198.51.100.1:40000: Allocate error 420 (Unknown Attribute) unknown=7fff0024 "
                   "integrity=sha1"}),
            alice.send(alice.allocate()
                           .add(static_cast<AttributeType>(0x7FFF), "x")
                           .add(static_cast<AttributeType>(0x0024), "y")
                           .add(static_cast<AttributeType>(0x8FFF), "z")));
}

TEST(Allocate, Step2TakenFiveTupleIs437) {
  alice.have_allocation();
  LOG_EQUAL(refused_allocate(ErrorCode::AllocationMismatch), alice.send(alice.allocate()));
  // Before step 3: the request is not even looked at.
  LOG_EQUAL(refused_allocate(ErrorCode::AllocationMismatch),
            alice.send(alice.request(stun::Method::Allocate)));
}

TEST(Allocate, RetransmissionGetsTheSameAnswerAgain) {
  const RawMessage request = alice.allocate().add_u32(AttributeType::Lifetime, 1'200);
  LOG_EQUAL(got("192.0.2.10:50000", "lifetime=1200"), alice.send(request));
  const auto first = bench.last_sent();
  LOG_EQUAL(
      answered(alice,
               "Allocate success relayed=192.0.2.10:50000 mapped=198.51.100.1:40000 lifetime=1200"),
      alice.send(request));
  HEX_EQUAL(first, bench.last_sent());
  CHECK_EQUAL(1U, bench.quota.count("alice"));
}

TEST(Allocate, RetransmissionByAnotherUserIs437) {
  const RawMessage request = alice.allocate();
  static_cast<void>(alice.send(request));
  alice.signer.username = "bob";
  LOG_EQUAL(refused_allocate(ErrorCode::AllocationMismatch), alice.send(request));
}

TEST(Allocate, ClientBehindTeredoOr6to4Is403) {
  for (const char* address : {"[2001:0:1::1]:40000", "[2002:c000:204::1]:40000"}) {
    support::TestClient tunnelled(bench, address);
    LOG_EQUAL(refused(tunnelled, "Allocate", ErrorCode::Forbidden),
              tunnelled.send(tunnelled.allocate()));
  }
  for (const char* address : {"[2001:1::1]:40000", "[2003::1]:40000", "198.51.100.3:40000"}) {
    support::TestClient(bench, address).have_allocation();
  }
}

TEST(Allocate, Step3RequestedTransportMissingOrMalformedIs400) {
  LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
            alice.send(alice.request(stun::Method::Allocate)));
  for (const std::size_t size : {0U, 1U, 3U, 5U, 8U}) {
    LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
              alice.send(alice.request(stun::Method::Allocate)
                             .add(AttributeType::RequestedTransport, support::repeated(17, size))));
  }
}

TEST(Allocate, Step3OtherProtocolIs442) {
  for (const std::uint8_t protocol : std::initializer_list<std::uint8_t>{0, 6, 16, 18, 132, 255}) {
    LOG_EQUAL(refused_allocate(ErrorCode::UnsupportedTransportProtocol),
              alice.send(alice.request(stun::Method::Allocate)
                             .add_leading_u8(AttributeType::RequestedTransport, protocol)));
  }
}

TEST(Allocate, Step4DontFragmentIsSupported) {
  LOG_EQUAL(got("192.0.2.10:50000"),
            alice.send(alice.allocate().add(AttributeType::DontFragment, "")));
}

TEST(Allocate, Step5TokenExcludesOtherWishes) {
  const auto with_token = [&] {
    return alice.allocate().add(AttributeType::ReservationToken, "12345678");
  };
  const std::string bad = refused_allocate(ErrorCode::BadRequest);
  LOG_EQUAL(bad, alice.send(with_token().add_u8(AttributeType::EvenPort, 0)));
  LOG_EQUAL(bad, alice.send(with_token().add_leading_u8(AttributeType::RequestedAddressFamily, 1)));
  LOG_EQUAL(bad,
            alice.send(with_token().add_leading_u8(AttributeType::AdditionalAddressFamily, 2)));
}

TEST(Allocate, Step5TokenOfAnotherSizeIs400) {
  for (const std::size_t size : {0U, 7U, 9U, 16U}) {
    LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
              alice.send(alice.allocate().add(AttributeType::ReservationToken,
                                              support::repeated(1, size))));
  }
}

TEST(Allocate, Step5UnknownTokenIs508) {
  LOG_EQUAL(refused_allocate(ErrorCode::InsufficientCapacity),
            alice.send(alice.allocate().add(AttributeType::ReservationToken, "12345678")));
  CHECK_EQUAL(0U, bench.quota.total());
  CHECK_EQUAL(0U, bench.server.allocations().size());
}

TEST(Allocate, Step6BothFamilyAttributesAre400) {
  LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
            alice.send(alice.allocate()
                           .add_leading_u8(AttributeType::RequestedAddressFamily, 1)
                           .add_leading_u8(AttributeType::AdditionalAddressFamily, 2)));
  // Before step 7: an unsupported family does not make it 440.
  LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
            alice.send(alice.allocate()
                           .add_leading_u8(AttributeType::RequestedAddressFamily, 9)
                           .add_leading_u8(AttributeType::AdditionalAddressFamily, 2)));
}

TEST(Allocate, Step7FamilyIsAsAsked) {
  LOG_EQUAL(got("192.0.2.10:50000"),
            alice.send(alice.allocate().add_leading_u8(AttributeType::RequestedAddressFamily, 1)));
  LOG_EQUAL(lines({"open [2001:db8::10]:50000",
                   "created bob",
                   "to 198.51.100.2:40000: Allocate success relayed=[2001:db8::10]:50000 "
                   "mapped=198.51.100.2:40000 lifetime=600 integrity=sha1"}),
            bob.send(bob.allocate().add_leading_u8(AttributeType::RequestedAddressFamily, 2)));
}

TEST(Allocate, Step7FamilyThatDoesNotExistIs440) {
  for (const std::uint8_t family : std::initializer_list<std::uint8_t>{0, 3, 255}) {
    LOG_EQUAL(
        refused_allocate(ErrorCode::AddressFamilyNotSupported),
        alice.send(alice.allocate().add_leading_u8(AttributeType::RequestedAddressFamily, family)));
  }
}

TEST(Allocate, Step7FamilyOfAnotherSizeIs400) {
  LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
            alice.send(alice.allocate().add_u8(AttributeType::RequestedAddressFamily, 1)));
}

TEST(Allocate, Step8EvenPortOfAnotherSizeIs400) {
  LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
            alice.send(alice.allocate().add(AttributeType::EvenPort, "")));
  LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
            alice.send(alice.allocate().add_u32(AttributeType::EvenPort, 0x80000000)));
}

TEST(Allocate, Step8ReservationExcludesBothFamilies) {
  LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
            alice.send(alice.allocate()
                           .add_u8(AttributeType::EvenPort, 0x80)
                           .add_leading_u8(AttributeType::AdditionalAddressFamily, 2)));
}

TEST(Allocate, Step9AdditionalFamilyCanOnlyBeIPv6) {
  for (const std::uint8_t family : std::initializer_list<std::uint8_t>{0, 1, 3}) {
    LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
              alice.send(
                  alice.allocate().add_leading_u8(AttributeType::AdditionalAddressFamily, family)));
  }
  LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
            alice.send(alice.allocate().add_u8(AttributeType::AdditionalAddressFamily, 2)));
}

TEST(Allocate, Step10UsersLimitIs486) {
  bench.reload([](TurnSetup& setup) { setup.policy.allocations_per_user = 1; });
  support::TestClient second(bench, "198.51.100.3:40000", "alice");
  alice.have_allocation();
  LOG_EQUAL(refused(second, "Allocate", ErrorCode::AllocationQuotaReached),
            second.send(second.allocate()));
  bob.have_allocation();
  CHECK_EQUAL(2U, bench.quota.total());
}

TEST(Allocate, Step10ServersLimitIs508) {
  bench.reload([](TurnSetup& setup) { setup.policy.allocations = 1; });
  alice.have_allocation();
  LOG_EQUAL(refused(bob, "Allocate", ErrorCode::InsufficientCapacity), bob.send(bob.allocate()));
}

TEST(Allocate, EarlierChecksGoBeforeTheQuota) {
  bench.reload([](TurnSetup& setup) { setup.policy.allocations_per_user = 1; });
  bob.have_allocation();
  bob.five_tuple.client.port = 40'001;
  LOG_EQUAL(refused(bob, "Allocate", ErrorCode::UnsupportedTransportProtocol),
            bob.send(bob.request(stun::Method::Allocate)
                         .add_leading_u8(AttributeType::RequestedTransport, 6)));
  LOG_EQUAL(refused(bob, "Allocate", ErrorCode::AllocationQuotaReached), bob.send(bob.allocate()));
}

TEST(Allocate, LifetimeIsAtLeastTheDefaultAndAtMostTheMaximum) {
  const std::pair<std::uint32_t, const char*> cases[] = {{0, "lifetime=600"},
                                                         {1, "lifetime=600"},
                                                         {600, "lifetime=600"},
                                                         {601, "lifetime=601"},
                                                         {3'599, "lifetime=3599"},
                                                         {3'600, "lifetime=3600"},
                                                         {3'601, "lifetime=3600"},
                                                         {UINT32_MAX, "lifetime=3600"}};
  for (const auto& [asked, answer] : cases) {
    CHECK_TRUE(alice.send(alice.allocate().add_u32(AttributeType::Lifetime, asked)).find(answer) !=
               std::string::npos);
    static_cast<void>(alice.send(alice.refresh(0)));
  }
}

TEST(Allocate, LifetimeOfAnotherSizeIs400) {
  LOG_EQUAL(refused_allocate(ErrorCode::BadRequest),
            alice.send(alice.allocate().add(AttributeType::Lifetime, "12345")));
  CHECK_EQUAL(0U, bench.quota.total());
}

TEST(Allocate, LifetimeBehindTheIntegrityIsUnseen) {
  RawMessage message = alice.signer.sign(alice.allocate());
  static_cast<void>(alice.send(alice.allocate()));
  static_cast<void>(alice.send(alice.refresh(0)));
  message = alice.signer.sign(alice.allocate()).add_u32(AttributeType::Lifetime, 3'600);
  LOG_EQUAL(got("192.0.2.10:50000"), alice.send_bare(message));
}

TEST(Allocate, StrictExpiryCapsTheLifetimeAtTheCredentials) {
  bench.reload([](TurnSetup& setup) {
    setup.secrets = {{"s", "secret"}};
    setup.policy.strict_expiry = true;
  });
  const auto expiry =
      (bench.clock.now().wall + std::chrono::seconds{90}).time_since_epoch().count();
  support::TestClient timed(bench, "198.51.100.4:40000", std::to_string(expiry) + ":carol");
  timed.signer.password = auth::time_limited_password("secret", timed.signer.username);
  CHECK_TRUE(timed.send(timed.allocate()).find("lifetime=90 ") != std::string::npos);
}

TEST(Allocate, StrictExpiryIsNothingToWhoDoesNotExpire) {
  bench.reload([](TurnSetup& setup) { setup.policy.strict_expiry = true; });
  LOG_EQUAL(got("192.0.2.10:50000"), alice.send(alice.allocate()));
}

TEST(Allocate, WithoutStrictExpiryTheCredentialMayEndFirst) {
  bench.reload([](TurnSetup& setup) { setup.secrets = {{"s", "secret"}}; });
  const auto expiry =
      (bench.clock.now().wall + std::chrono::seconds{90}).time_since_epoch().count();
  support::TestClient timed(bench, "198.51.100.4:40000", std::to_string(expiry) + ":carol");
  timed.signer.password = auth::time_limited_password("secret", timed.signer.username);
  CHECK_TRUE(timed.send(timed.allocate()).find("lifetime=600 ") != std::string::npos);
  CHECK_EQUAL(1U, bench.quota.count("carol"));
}
