// SPDX-License-Identifier: Apache-2.0
// What answers carry, and how small the challenge stays.
#include "support/hex.hpp"
#include "support/turn_test.hpp"

namespace {

using stun::AttributeType;
using stun::ErrorCode;
using stun::Method;
using support::RawMessage;
using support::TestClient;
using support::TurnSetup;
using turn::DropReason;

constexpr double kAmplificationMax = 2.5;

}  // namespace

TEST_GROUP_BASE(Answers, support::TurnTest){
    static bool contains(const std::string& log,
                         std::string_view part){return log.find(part) != std::string::npos;
}

/// Ratio of answer to request on the wire, IP and UDP headers included; 0 without an answer.
double amplification(TestClient& client, const RawMessage& request) {
  const std::string log = client.send_bare(request);
  if (log.empty()) {
    return 0;
  }
  const double headers = client.five_tuple.client.ip.is_ipv4() ? 28 : 48;
  return (static_cast<double>(bench.last_sent().size()) + headers) /
         (static_cast<double>(request.bytes().size()) + headers);
}
}
;

TEST(Answers, ChallengeOffersWhatTheCredentialsCan) {
  LOG_EQUAL(
      "to 198.51.100.1:40000: Allocate error 401 realm=example.org nonce=obMatJos2wAAA+29 "
      "algorithms=0002000000010000",
      alice.send_bare(alice.allocate()));
  CHECK_EQUAL(1U, bench.counters.challenges.value());
  bench.reload([](TurnSetup& setup) { setup.secrets = {{"s", "secret"}}; });
  LOG_EQUAL(
      "to 198.51.100.1:40000: Allocate error 401 realm=example.org nonce=obMatJos2gAAA+29 "
      "algorithms=0002000000010000",
      alice.send_bare(alice.allocate()));
}

TEST(Answers, UserWithoutBothKeysTakesTheAlgorithmsAway) {
  bench.reload([](TurnSetup& setup) { setup.md5_users = {"old"}; });
  LOG_EQUAL("to 198.51.100.1:40000: Allocate error 401 realm=example.org nonce=obMatJos2QAAA+29",
            alice.send_bare(alice.allocate()));
}

TEST(Answers, ChallengeOfASmallRequestLeavesTheAlgorithmsOut) {
  bench.reload([](TurnSetup& setup) { setup.realm = "turn.example.org"; });
  LOG_EQUAL(
      "to 198.51.100.1:40000: Refresh error 401 realm=turn.example.org nonce=obMatJos2QAAA+29",
      alice.send_bare(alice.request(Method::Refresh)));
}

TEST(Answers, NonceOfAChallengeIsValid) {
  static_cast<void>(alice.send_bare(alice.allocate()));
  const auto view = stun::MessageView::parse(bench.last_sent());
  alice.signer.nonce = std::string(base::text_of(*view->find(AttributeType::Nonce)));
  bench.expect_key(alice.five_tuple.client, alice.signer.key());
  CHECK_TRUE(contains(alice.send_bare(alice.signer.sign(alice.allocate())), "Allocate success"));
}

TEST(Answers, NoAnswerToAStrangerAmplifies) {
  for (const char* from : {"198.51.100.1:40000", "[2001:db8::77]:40000"}) {
    TestClient client(bench, from);
    for (const Method method : {Method::Binding,
                                Method::Allocate,
                                Method::Refresh,
                                Method::CreatePermission,
                                Method::ChannelBind}) {
      for (std::size_t extra = 0; extra < 60; extra += 4) {
        for (const bool with_fingerprint : {false, true}) {
          RawMessage request = client.request(method);
          if (extra >= 4) {
            request.add(AttributeType::Software, support::repeated('c', extra - 4));
          }
          if (with_fingerprint) {
            request.add_fingerprint();
          }
          CHECK_TRUE(amplification(client, request) <= kAmplificationMax);
        }
      }
    }
  }
}

TEST(Answers, BareAllocateIsAnswered) {
  // What browsers begin with: it must get a challenge, or nobody could ever allocate.
  for (const char* from : {"198.51.100.1:40000", "[2001:db8::77]:40000"}) {
    TestClient client(bench, from);
    CHECK_TRUE(amplification(client, client.allocate()) > 1);
    CHECK_TRUE(amplification(client, client.allocate().add_fingerprint()) > 1);
  }
}

TEST(Answers, ChallengeThatWouldAmplifyIsNotSent) {
  bench.reload([](TurnSetup& setup) { setup.realm = std::string(100, 'r'); });
  LOG_EQUAL("", alice.send_bare(alice.request(Method::Refresh)));
  CHECK_EQUAL(1U, bench.dropped(DropReason::ChallengeTooLarge));
  CHECK_TRUE(contains(
      alice.send_bare(alice.allocate().add(AttributeType::Software, std::string(100, 's'))),
      "error 401"));
}

TEST(Answers, StreamsAreChallengedWhateverTheSize) {
  // A handshake has shown that the address is real.
  bench.reload([](TurnSetup& setup) { setup.realm = std::string(100, 'r'); });
  TestClient stream(bench, "198.51.100.1:40000", "alice", base::Transport::Tcp);
  CHECK_TRUE(contains(stream.send_bare(stream.request(Method::Refresh)), "algorithms="));
}

TEST(Answers, BudgetCoversChallengesAndRefusals) {
  bench.reload([](TurnSetup& setup) { setup.policy.unauthenticated_per_second = 2; });
  CHECK_TRUE(contains(alice.send_bare(alice.allocate()), "401"));
  alice.signer.password = "wrong";
  CHECK_TRUE(contains(alice.send(alice.allocate()), "error 401"));
  // The refusal is still told to whoever audits, but not to the sender.
  LOG_EQUAL("credential of alice at 198.51.100.1:40000: no secret or password matches",
            alice.send(alice.allocate()));
  LOG_EQUAL("", alice.send_bare(alice.allocate()));
  CHECK_EQUAL(2U, bench.dropped(DropReason::BudgetSpent));
  // Whoever authenticates gets through.
  alice.signer.password = "pass";
  CHECK_TRUE(contains(alice.send(alice.allocate()), "Allocate success"));
}

TEST(Answers, StaleNonceCostsNoBudget) {
  bench.reload([](TurnSetup& setup) { setup.policy.unauthenticated_per_second = 1; });
  bench.expect_key(alice.five_tuple.client, alice.signer.key());
  alice.signer.nonce = "stale";
  for (int i = 0; i < 5; ++i) {
    CHECK_TRUE(contains(alice.send_bare(alice.signer.sign(alice.allocate())), "error 438 realm="));
  }
  CHECK_EQUAL(0U, bench.dropped(DropReason::BudgetSpent));
}

TEST(Answers, StaleNonceComesWithAFreshOne) {
  alice.signer.nonce = "stale";
  const std::string log = alice.send_bare(alice.signer.sign(alice.allocate()));
  CHECK_TRUE(
      contains(log, "Allocate error 438 realm=example.org nonce=obMatJos2wAAA+29 algorithms="));
}

TEST(Answers, MalformedCredentialsAre400WithoutRealmOrNonce) {
  const RawMessage request =
      alice.allocate().add_integrity(stun::IntegrityKind::Sha1, base::bytes_of("key"));
  LOG_EQUAL(
      support::lines({"credential of  at 198.51.100.1:40000: username, realm or nonce is missing",
                      "to 198.51.100.1:40000: Allocate error 400"}),
      alice.send_bare(request));
}

TEST(Answers, AuthenticatedAnswersCarryTheRequestsIntegrity) {
  alice.signer.algorithm = stun::PasswordAlgorithm::Sha256;
  alice.signer.integrity = stun::IntegrityKind::Sha256;
  CHECK_TRUE(contains(alice.send(alice.allocate()), " lifetime=600 integrity=sha256"));
  CHECK_TRUE(
      contains(alice.send(alice.allocate()), "error 437 (Allocation Mismatch) integrity=sha256"));
}

TEST(Answers, FingerprintIsAnsweredWithFingerprint) {
  const auto nonce = bench.nonces.make(alice.five_tuple.client, {}, bench.clock.now().monotonic);
  alice.signer.nonce.assign(nonce.data(), nonce.size());
  bench.expect_key(alice.five_tuple.client, alice.signer.key());
  CHECK_TRUE(contains(alice.send_bare(alice.signer.sign(alice.allocate()).add_fingerprint()),
                      "lifetime=600 integrity=sha1 fingerprint"));
  CHECK_TRUE(contains(alice.send_bare(alice.signer.sign(alice.refresh(0)).add_fingerprint()),
                      "lifetime=0 integrity=sha1 fingerprint"));
  CHECK_TRUE(contains(alice.send_bare(alice.allocate().add_fingerprint()), "fingerprint"));
}

TEST(Answers, SoftwareIsToldToWhoHasAuthenticatedOnly) {
  bench.reload([](TurnSetup& setup) { setup.policy.software = "turnpike"; });
  CHECK_FALSE(contains(alice.send_bare(alice.allocate()), "software"));
  CHECK_TRUE(contains(alice.send(alice.allocate()), "software=turnpike integrity=sha1"));
  CHECK_TRUE(contains(alice.send(alice.allocate()),
                      "error 437 (Allocation Mismatch) software=turnpike integrity"));
}

TEST(Answers, AnswersHaveNothingStaleInTheirPadding) {
  // A long answer first, then short ones with padding in the same buffer.
  bench.reload([](TurnSetup& setup) { setup.policy.software = std::string(300, 's'); });
  alice.have_allocation();
  bench.reload([](TurnSetup& setup) { setup.policy.software = "s"; });
  static_cast<void>(alice.send(alice.refresh(600)));
  const base::Bytes answer(bench.last_sent());
  // LIFETIME, then SOFTWARE "s" and three bytes of padding.
  HEX_EQUAL("8022000173000000"_hex, answer.subspan(28, 8));
}
