// SPDX-License-Identifier: Apache-2.0
#include "support/hex.hpp"
#include "support/turn_test.hpp"

namespace {

using stun::AttributeType;
using stun::MessageClass;
using stun::Method;
using support::RawMessage;
using support::TurnSetup;

}  // namespace

TEST_GROUP_BASE(Binding, support::TurnTest){static RawMessage classic_request(){
    return RawMessage(MessageClass::Request, Method::Binding).set_cookie(0xDEADBEEF);
}

void answer_classic() {
  bench.reload([](TurnSetup& setup) { setup.policy.classic_stun = true; });
}
}
;

TEST(Binding, AnswersTheMappedAddressAndNothingElse) {
  LOG_EQUAL("to 198.51.100.1:40000: Binding success mapped=198.51.100.1:40000",
            alice.send_bare(alice.request(Method::Binding)));
  CHECK_EQUAL(std::size_t{32}, bench.last_sent().size());
  CHECK_EQUAL(1U, bench.counters.binding_requests.value());
}

TEST(Binding, AnswerHasTheTransactionIdOfItsRequest) {
  const RawMessage request = alice.request(Method::Binding);
  static_cast<void>(alice.send_bare(request));
  HEX_EQUAL(base::Bytes(request.bytes()).subspan(4, 16),
            base::Bytes(bench.last_sent()).subspan(4, 16));
}

TEST(Binding, AnswersIPv6) {
  support::TestClient client(bench, "[2001:db8::77]:40000");
  LOG_EQUAL("to [2001:db8::77]:40000: Binding success mapped=[2001:db8::77]:40000",
            client.send_bare(client.request(Method::Binding)));
}

TEST(Binding, FingerprintIsAnsweredWithFingerprint) {
  LOG_EQUAL("to 198.51.100.1:40000: Binding success mapped=198.51.100.1:40000 fingerprint",
            alice.send_bare(alice.request(Method::Binding).add_fingerprint()));
}

TEST(Binding, SoftwareIsNeverSentToStrangers) {
  bench.reload([](TurnSetup& setup) { setup.policy.software = "turnpike"; });
  LOG_EQUAL("to 198.51.100.1:40000: Binding success mapped=198.51.100.1:40000",
            alice.send_bare(alice.request(Method::Binding).add(AttributeType::Software, "client")));
}

TEST(Binding, CredentialsAreNotLookedAt) {
  LOG_EQUAL("to 198.51.100.1:40000: Binding success mapped=198.51.100.1:40000",
            alice.send(alice.request(Method::Binding)));
}

TEST(Binding, UnknownAttributeIs420) {
  LOG_EQUAL("to 198.51.100.1:40000: Binding error 420 unknown=00037fff",
            alice.send_bare(alice.request(Method::Binding)
                                .add_u32(AttributeType::ChangeRequest, 6)
                                .add(static_cast<AttributeType>(0x7FFF), "")
                                .add(static_cast<AttributeType>(0xC000), "")));
}

TEST(Binding, LongListOfUnknownAttributesIsCutShort) {
  RawMessage request = alice.request(Method::Binding);
  for (unsigned i = 0; i < 100; ++i) {
    request.add(static_cast<AttributeType>(0x7000 + i), "");
  }
  static_cast<void>(alice.send_bare(request));
  const auto view = stun::MessageView::parse(bench.last_sent());
  CHECK_EQUAL(std::size_t{64}, view->find(AttributeType::UnknownAttributes)->size());
}

TEST(Binding, BudgetOfASourceEnds) {
  bench.reload([](TurnSetup& setup) { setup.policy.unauthenticated_per_second = 3; });
  for (int i = 0; i < 3; ++i) {
    CHECK_TRUE(!alice.send_bare(alice.request(Method::Binding)).empty());
  }
  LOG_EQUAL("", alice.send_bare(alice.request(Method::Binding)));
  CHECK_EQUAL(1U, bench.dropped(turn::DropReason::BudgetSpent));
  // Others have their own, and time fills it again.
  CHECK_TRUE(!bob.send_bare(bob.request(Method::Binding)).empty());
  bench.advance(std::chrono::seconds{1});
  CHECK_TRUE(!alice.send_bare(alice.request(Method::Binding)).empty());
}

TEST(Binding, WhoHasAnAllocationNeedsNoBudget) {
  bench.reload([](TurnSetup& setup) { setup.policy.unauthenticated_per_second = 1; });
  alice.have_allocation();
  for (int i = 0; i < 5; ++i) {
    CHECK_TRUE(!alice.send_bare(alice.request(Method::Binding)).empty());
  }
  CHECK_EQUAL(0U, bench.dropped(turn::DropReason::BudgetSpent));
}

TEST(Binding, ClassicRequestIsDroppedUnlessWanted) {
  LOG_EQUAL("", alice.send_bare(classic_request()));
  CHECK_EQUAL(1U, bench.dropped(turn::DropReason::NoMagicCookie));
}

TEST(Binding, ClassicRequestIsAnsweredInClear) {
  answer_classic();
  static_cast<void>(alice.send_bare(classic_request()));
  HEX_EQUAL("0101 000c deadbeef 0102030405060708090a0b0c 0001 0008 0001 9c40 c6336401"_hex,
            bench.last_sent());
}

TEST(Binding, ClassicChangeRequestIsNotHonoured) {
  answer_classic();
  LOG_EQUAL(
      "to 198.51.100.1:40000: not a message: "
      "0101000cdeadbeef0102030405060708090a0b0c0001000800019c40c6336401",
      alice.send_bare(
          classic_request()
              .add_u32(AttributeType::ChangeRequest, 6)
              .add(static_cast<AttributeType>(0x0002), base::Bytes("00010bb809090909"_hex))));
}

TEST(Binding, OtherClassicMessagesAreDropped) {
  answer_classic();
  LOG_EQUAL("", alice.send_bare(RawMessage(MessageClass::Request, Method::Allocate).set_cookie(1)));
  LOG_EQUAL("", alice.send_bare(RawMessage(MessageClass::Success, Method::Binding).set_cookie(1)));
  LOG_EQUAL("",
            alice.send_bare(RawMessage(MessageClass::Indication, Method::Binding).set_cookie(1)));
  CHECK_EQUAL(3U, bench.dropped(turn::DropReason::NoMagicCookie));
}

TEST(Binding, BrokenClassicMessageIsDropped) {
  answer_classic();
  LOG_EQUAL("", alice.send_bare(classic_request().add_unpadded(AttributeType::Username, 8, {})));
  CHECK_EQUAL(1U, bench.dropped(turn::DropReason::NoMagicCookie));
}

TEST(Binding, ClassicRequestOfWhoHasAnAllocationNeedsNoBudget) {
  bench.reload([](TurnSetup& setup) {
    setup.policy.classic_stun = true;
    setup.policy.unauthenticated_per_second = 1;
  });
  alice.have_allocation();
  for (int i = 0; i < 3; ++i) {
    CHECK_TRUE(!alice.send_bare(classic_request()).empty());
  }
}

TEST(Binding, ClassicRequestsHaveABudgetToo) {
  bench.reload([](TurnSetup& setup) {
    setup.policy.classic_stun = true;
    setup.policy.unauthenticated_per_second = 1;
  });
  CHECK_TRUE(!alice.send_bare(classic_request()).empty());
  LOG_EQUAL("", alice.send_bare(classic_request()));
  CHECK_EQUAL(1U, bench.dropped(turn::DropReason::BudgetSpent));
}
