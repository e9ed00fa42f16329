// SPDX-License-Identifier: Apache-2.0
#include "load/turn_client.hpp"

#include "stun/message_builder.hpp"

#include <algorithm>
#include <array>

#include <CppUTest/TestHarness.h>

namespace {

using load::Step;
using load::TurnClient;
using stun::AttributeType;
using Outcome = TurnClient::Outcome;

/// Counts up: every transaction id differs.
class CountingRandom final : public base::RandomSource {
 public:
  void fill(base::MutableBytes out) override {
    std::fill(out.begin(), out.end(), std::byte{next_});
    ++next_;
  }

 private:
  unsigned char next_ = 1;
};

}  // namespace

TEST_GROUP(LoadTurnClient) {
  std::shared_ptr<load::Account> account = std::make_shared<load::Account>("alice", "pass");
  TurnClient client{account, stun::kChannelNumberMin};
  CountingRandom random;
  std::array<std::byte, TurnClient::kRequestBytesMax> request_bytes{};
  std::array<std::byte, 512> answer_bytes{};

  stun::MessageView begin(Step step) {
    return *stun::MessageView::parse(client.begin(step, request_bytes, random));
  }

  Outcome answer_with_error(
      const stun::MessageView& request, stun::ErrorCode code, std::string_view nonce) {
    stun::MessageBuilder message(
        answer_bytes, stun::MessageClass::Error, request.method(), request.transaction_id());
    message.add_error(code, "");
    if (!nonce.empty()) {
      message.add_text(AttributeType::Realm, "example.org");
      message.add_text(AttributeType::Nonce, nonce);
    }
    return client.on_answer(*stun::MessageView::parse(message.finish()));
  }

  Outcome answer_with_success(const stun::MessageView& request, std::string_view password) {
    stun::MessageBuilder message(
        answer_bytes, stun::MessageClass::Success, request.method(), request.transaction_id());
    message.add_xor_address(AttributeType::XorRelayedAddress,
                            *base::TransportAddress::parse("192.0.2.1:50000"));
    message.add_integrity(
        stun::IntegrityKind::Sha1,
        stun::long_term_key(stun::PasswordAlgorithm::Md5, "alice", "example.org", password)
            .bytes());
    return client.on_answer(*stun::MessageView::parse(message.finish()));
  }

  /// Up to the request that carries credentials.
  stun::MessageView begin_challenged(Step step) {
    CHECK_TRUE(answer_with_error(begin(step), stun::ErrorCode::Unauthenticated, "n1") ==
               Outcome::Again);
    return begin(step);
  }
};

TEST(LoadTurnClient, FirstRequestCarriesNoCredentials) {
  const stun::MessageView request = begin(Step::Allocate);

  CHECK_FALSE(request.find(AttributeType::Username).has_value());
  CHECK_FALSE(request.integrity_offset(stun::IntegrityKind::Sha1).has_value());
}

TEST(LoadTurnClient, ChallengeIsAnsweredWithASignedRequest) {
  const stun::MessageView request = begin_challenged(Step::Allocate);

  STRCMP_EQUAL("n1",
               std::string(base::text_of(request.find(AttributeType::Nonce).value())).c_str());
  CHECK_TRUE(verify_integrity(
      request,
      stun::IntegrityKind::Sha1,
      stun::long_term_key(stun::PasswordAlgorithm::Md5, "alice", "example.org", "pass").bytes()));
}

TEST(LoadTurnClient, SuccessTellsTheRelayedAddress) {
  CHECK_TRUE(answer_with_success(begin_challenged(Step::Allocate), "pass") == Outcome::Done);

  STRCMP_EQUAL("192.0.2.1:50000", client.relayed_address().to_string().c_str());
}

TEST(LoadTurnClient, SuccessSignedWithAnotherKeyIsNotOurs) {
  CHECK_TRUE(answer_with_success(begin_challenged(Step::Allocate), "other") == Outcome::NotMine);
}

TEST(LoadTurnClient, SecondChallengeInARowMeansWrongCredentials) {
  const stun::MessageView request = begin_challenged(Step::Allocate);

  CHECK_TRUE(answer_with_error(request, stun::ErrorCode::Unauthenticated, "n2") ==
             Outcome::Refused);
  STRCMP_CONTAINS("401 (Unauthenticated)", client.refusal().c_str());
  STRCMP_CONTAINS("'alice'", client.refusal().c_str());
}

TEST(LoadTurnClient, StaleNonceIsReplaced) {
  const stun::MessageView request = begin_challenged(Step::Allocate);

  CHECK_TRUE(answer_with_error(request, stun::ErrorCode::StaleNonce, "n2") == Outcome::Again);
  STRCMP_EQUAL(
      "n2",
      std::string(base::text_of(begin(Step::Allocate).find(AttributeType::Nonce).value())).c_str());
}

TEST(LoadTurnClient, TakenFiveTupleAsksForAnother) {
  CHECK_TRUE(answer_with_error(begin_challenged(Step::Allocate),
                               stun::ErrorCode::AllocationMismatch,
                               "") == Outcome::Taken);
}

TEST(LoadTurnClient, MismatchOfALaterRequestIsARefusal) {
  CHECK_TRUE(answer_with_error(begin_challenged(Step::Refresh),
                               stun::ErrorCode::AllocationMismatch,
                               "") == Outcome::Refused);
}

TEST(LoadTurnClient, AnswerToAnEarlierTransactionIsNotOurs) {
  const stun::TransactionId first = begin(Step::Allocate).transaction_id();
  const stun::MessageView second = begin(Step::Allocate);
  stun::MessageBuilder message(answer_bytes, stun::MessageClass::Error, second.method(), first);
  message.add_error(stun::ErrorCode::ServerError, "");

  CHECK_TRUE(client.on_answer(*stun::MessageView::parse(message.finish())) == Outcome::NotMine);
}

TEST(LoadTurnClient, RepeatedRequestIsTheSame) {
  const base::Bytes first = client.begin(Step::ChannelBind, request_bytes, random);
  std::array<std::byte, TurnClient::kRequestBytesMax> again{};
  const base::Bytes second = client.repeat(again);

  CHECK_TRUE(std::equal(first.begin(), first.end(), second.begin(), second.end()));
}

TEST(LoadTurnClient, TimeLimitedAccountIsMintedAsTheDraftSays) {
  // printf '1700000000:load' | openssl dgst -sha1 -hmac north -binary | base64
  load::Account minted = load::time_limited_account("north", "load", 1'700'000'000);
  minted.learn_realm("example.org");
  load::Account expected("1700000000:load", "QtEEOwiAWEgvfl7z0uqKuxjTb6M=");
  expected.learn_realm("example.org");

  STRCMP_EQUAL("1700000000:load", minted.username().c_str());
  CHECK_TRUE(std::equal(minted.key().begin(), minted.key().end(), expected.key().begin()));
}
