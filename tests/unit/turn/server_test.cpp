// SPDX-License-Identifier: Apache-2.0
// Dispatch, authentication against allocations, reload of credentials.
#include "turn/server.hpp"

#include "support/abort.hpp"
#include "support/hex.hpp"
#include "support/turn_test.hpp"

namespace {

using std::chrono::seconds;
using stun::AttributeType;
using stun::ErrorCode;
using stun::MessageClass;
using stun::Method;
using support::RawMessage;
using support::TestClient;
using support::TurnSetup;
using turn::DropReason;

}  // namespace

TEST_GROUP_BASE(Server, support::TurnTest){
    std::string receive(base::Bytes bytes){bench.receive(alice.five_tuple, bytes);
return bench.take_log();
}

static bool contains(const std::string& log, std::string_view part) {
  return log.find(part) != std::string::npos;
}

TestClient timed(std::string_view address, const char* user, const char* secret, int valid_for) {
  const auto expiry = (bench.clock.now().wall + seconds{valid_for}).time_since_epoch().count();
  TestClient client(bench, address, std::to_string(expiry) + ":" + user);
  client.signer.password = auth::time_limited_password(secret, client.signer.username);
  return client;
}
}
;

TEST(Server, NeedsASnapshot) {
  CHECK_TRUE(support::aborts([this] { bench.server.on_snapshot(nullptr, bench.clock.now()); }));
}

TEST(Server, WhatCannotBeParsedIsCountedByItsReason) {
  const RawMessage request = alice.request(Method::Binding);
  LOG_EQUAL("", receive("00"_hex));
  LOG_EQUAL("", receive(support::repeated(0xFF, 20)));
  LOG_EQUAL("", receive(RawMessage(request).set_cookie(1).bytes()));
  LOG_EQUAL("", receive(RawMessage(request).set_length(4).bytes()));
  LOG_EQUAL("", receive(RawMessage(request).add_unpadded(AttributeType::Username, 4, {}).bytes()));
  LOG_EQUAL("", receive(RawMessage(request).add_fingerprint().spoil_last_byte().bytes()));
  for (const auto reason : {DropReason::TooShort,
                            DropReason::NotStun,
                            DropReason::NoMagicCookie,
                            DropReason::BadLength,
                            DropReason::BadAttribute,
                            DropReason::BadFingerprint}) {
    CHECK_EQUAL(1U, bench.dropped(reason));
  }
}

TEST(Server, AnswersAreNeverAnswered) {
  for (const Method method : {Method::Binding, Method::Allocate, Method::Refresh}) {
    LOG_EQUAL("", receive(RawMessage(MessageClass::Success, method).bytes()));
    LOG_EQUAL("", receive(RawMessage(MessageClass::Error, method).bytes()));
  }
  CHECK_EQUAL(6U, bench.dropped(DropReason::NotARequest));
}

TEST(Server, BindingIndicationIsNoError) {
  LOG_EQUAL("", receive(RawMessage(MessageClass::Indication, Method::Binding).bytes()));
  CHECK_EQUAL(0U, bench.dropped(DropReason::NotARequest));
  LOG_EQUAL("", receive(RawMessage(MessageClass::Indication, Method::Allocate).bytes()));
  CHECK_EQUAL(1U, bench.dropped(DropReason::NotARequest));
}

TEST(Server, UnknownMethodsAreDropped) {
  for (const unsigned method : {0x000U, 0x002U, 0x005U, 0x006U, 0x007U, 0x00AU, 0x00CU, 0xFFFU}) {
    LOG_EQUAL("", receive(RawMessage(MessageClass::Request, static_cast<Method>(method)).bytes()));
  }
  CHECK_EQUAL(8U, bench.dropped(DropReason::UnknownMethod));
}

TEST(Server, RequestsAreCounted) {
  static_cast<void>(alice.send_bare(alice.request(Method::Binding)));
  static_cast<void>(alice.send_bare(alice.allocate()));
  static_cast<void>(alice.send(alice.allocate()));
  CHECK_EQUAL(1U, bench.counters.binding_requests.value());
  CHECK_EQUAL(2U, bench.counters.turn_requests.value());
}

TEST(Server, UnknownAttributeGoesBeforeTheAllocation) {
  LOG_EQUAL(support::lines({"refused Refresh of alice at 198.51.100.1:40000: 420",
                            "to 198.51.100.1:40000: Refresh error 420 (Unknown Attribute) "
                            "unknown=7fff integrity=sha1"}),
            alice.send(alice.refresh(0).add(static_cast<AttributeType>(0x7FFF), "")));
}

TEST(Server, OptionalAttributesAreSkipped) {
  alice.have_allocation();
  LOG_EQUAL(answered(alice, "Refresh success lifetime=600"),
            alice.send(alice.refresh(600).add(static_cast<AttributeType>(0x9FFF), "x")));
}

TEST(Server, RefusedCredentialsAreToldWithTheirReason) {
  const auto refused_as = [&](std::string_view reason) {
    return "credential of " + alice.signer.username +
           " at 198.51.100.1:40000: " + std::string(reason);
  };
  alice.signer.password = "wrong";
  CHECK_TRUE(contains(alice.send(alice.allocate()), refused_as("no secret or password matches")));
  alice.signer.username = "nobody";
  CHECK_TRUE(contains(alice.send(alice.allocate()),
                      refused_as("no such user, and not a time-limited name")));
  alice.signer.realm = "example.com";
  CHECK_TRUE(contains(alice.send(alice.allocate()), refused_as("wrong realm")));
}

TEST(Server, OrdinaryFirstRequestIsNotToldOf) {
  CHECK_FALSE(contains(alice.send_bare(alice.allocate()), "credential of"));
}

TEST(Server, WrongCredentialsOfAnotherUserAre441OnEveryMethod) {
  alice.have_allocation();
  TestClient intruder(bench, "198.51.100.1:40000", "bob");
  LOG_EQUAL(refused(intruder, "Refresh", ErrorCode::WrongCredentials),
            intruder.send(intruder.refresh(0)));
  LOG_EQUAL(refused(intruder, "CreatePermission", ErrorCode::WrongCredentials),
            intruder.send(intruder.create_permission({kPeer})));
  LOG_EQUAL(refused(intruder, "ChannelBind", ErrorCode::WrongCredentials),
            intruder.send(intruder.channel_bind(0x4000, kPeer)));
  LOG_EQUAL(refused(intruder, "Allocate", ErrorCode::AllocationMismatch),
            intruder.send(intruder.allocate()));
}

TEST(Server, FiveTupleIsWhatNamesTheAllocation) {
  alice.have_allocation();
  for (const auto change : {0, 1, 2}) {
    TestClient other(bench, "198.51.100.1:40000");
    other.five_tuple.client.port = static_cast<std::uint16_t>(40'000 + (change == 0 ? 1 : 0));
    other.five_tuple.server.port = static_cast<std::uint16_t>(3'478 + (change == 1 ? 1 : 0));
    other.five_tuple.transport = change == 2 ? base::Transport::Tcp : base::Transport::Udp;
    LOG_EQUAL(refused(other, "Refresh", ErrorCode::AllocationMismatch),
              other.send(other.refresh(0)));
  }
}

TEST(Server, UserMayUseAnotherAlgorithmLater) {
  alice.have_allocation();
  alice.signer.algorithm = stun::PasswordAlgorithm::Sha256;
  alice.signer.integrity = stun::IntegrityKind::Sha256;
  CHECK_TRUE(
      contains(alice.send(alice.refresh(600)), "Refresh success lifetime=600 integrity=sha256"));
}

TEST(Server, UserhashWorksFromEndToEnd) {
  alice.signer.by_userhash = true;
  alice.signer.algorithm = stun::PasswordAlgorithm::Sha256;
  alice.signer.integrity = stun::IntegrityKind::Sha256;
  alice.nonce_features = {true, true};
  alice.have_allocation();
  CHECK_EQUAL(1U, bench.quota.count("alice"));
  CHECK_TRUE(contains(alice.send(alice.refresh(0)), "Refresh success lifetime=0 integrity=sha256"));
}

TEST(Server, ReloadThatKeepsTheUserKeepsTheAllocation) {
  alice.have_allocation();
  bench.reload([](TurnSetup& setup) { setup.users.emplace_back("carol"); });
  LOG_EQUAL(answered(alice, "Refresh success lifetime=600"), alice.send(alice.refresh(600)));
}

TEST(Server, ReloadKeepsWhoUsesTheNewAlgorithms) {
  alice.signer.algorithm = stun::PasswordAlgorithm::Sha256;
  alice.signer.integrity = stun::IntegrityKind::Sha256;
  alice.have_allocation();
  bench.reload([](TurnSetup& setup) { setup.users.emplace_back("carol"); });
  CHECK_TRUE(contains(alice.send(alice.refresh(600)), "Refresh success"));
}

TEST(Server, AllocationOfARemovedUserIsNobodyElses) {
  alice.have_allocation();
  bench.reload([](TurnSetup& setup) { setup.users = {"bob"}; });
  TestClient intruder(bench, "198.51.100.1:40000", "bob");
  LOG_EQUAL(refused(intruder, "Refresh", ErrorCode::WrongCredentials),
            intruder.send(intruder.refresh(0)));
  CHECK_EQUAL(1U, bench.server.allocations().size());
}

TEST(Server, RemovedUserCannotRefresh) {
  alice.have_allocation();
  bench.reload([](TurnSetup& setup) { setup.users = {"bob"}; });
  CHECK_TRUE(contains(alice.send(alice.refresh(600)), "Refresh error 401 "));
  CHECK_TRUE(contains(alice.send(alice.create_permission({kPeer})), "CreatePermission error 401 "));
  // What was granted runs out by itself.
  bench.advance(seconds{600});
  CHECK_EQUAL(0U, bench.server.allocations().size());
}

TEST(Server, RemovedSecretEndsItsCredentials) {
  bench.reload([](TurnSetup& setup) { setup.secrets = {{"new", "n"}, {"old", "o"}}; });
  TestClient carol = timed("198.51.100.3:40000", "carol", "o", 3'600);
  TestClient dave = timed("198.51.100.4:40000", "dave", "n", 3'600);
  carol.have_allocation();
  dave.have_allocation();
  bench.reload([](TurnSetup& setup) { setup.secrets = {{"new", "n"}}; });
  CHECK_TRUE(contains(carol.send(carol.refresh(600)), "Refresh error 401 "));
  LOG_EQUAL(answered(dave, "Refresh success lifetime=600"), dave.send(dave.refresh(600)));
}

TEST(Server, SecretWithAnotherValueEndsItsCredentials) {
  bench.reload([](TurnSetup& setup) { setup.secrets = {{"s", "before"}}; });
  TestClient carol = timed("198.51.100.3:40000", "carol", "before", 3'600);
  carol.have_allocation();
  bench.reload([](TurnSetup& setup) { setup.secrets = {{"s", "after"}}; });
  CHECK_TRUE(contains(carol.send(carol.refresh(600)), "Refresh error 401 "));
  // The same name with the new secret's password takes the allocation over.
  carol.signer.password = auth::time_limited_password("after", carol.signer.username);
  LOG_EQUAL(answered(carol, "Refresh success lifetime=600"), carol.send(carol.refresh(600)));
  LOG_EQUAL(answered(carol, "Refresh success lifetime=600"), carol.send(carol.refresh(600)));
}

TEST(Server, ExpiredCredentialOutlivesAReloadToo) {
  bench.reload([](TurnSetup& setup) { setup.secrets = {{"s", "secret"}}; });
  TestClient carol = timed("198.51.100.3:40000", "carol", "secret", 60);
  carol.have_allocation();
  bench.advance(seconds{120});
  bench.reload([](TurnSetup& setup) { setup.policy.software = "s"; });
  CHECK_TRUE(contains(carol.send(carol.refresh(600)), "Refresh success lifetime=600"));
}

TEST(Server, StaticUserReplacedByAnotherKeyMustSayThatOne) {
  alice.have_allocation();
  bench.reload([](TurnSetup& setup) { setup.realm = "example.com"; });
  CHECK_TRUE(contains(alice.send(alice.refresh(600)), "Refresh error 401 realm=example.com "));
  alice.signer.realm = "example.com";
  LOG_EQUAL(answered(alice, "Refresh success lifetime=600"), alice.send(alice.refresh(600)));
}
