// SPDX-License-Identifier: Apache-2.0
#include "turn/surroundings.hpp"

#include "support/test.hpp"

#include <set>

TEST_GROUP(Surroundings) {
};

TEST(Surroundings, EachEndHasAText) {
  using turn::EndReason;
  std::set<std::string> texts;
  for (const auto reason :
       {EndReason::Expired, EndReason::Deleted, EndReason::ConnectionClosed, EndReason::Stopped}) {
    texts.insert(std::string(turn::to_text(reason)));
  }
  CHECK_EQUAL(std::size_t{4}, texts.size());
  CHECK_EQUAL(std::size_t{0}, texts.count("?"));
  CHECK_EQUAL(std::string("?"), std::string(turn::to_text(static_cast<EndReason>(99))));
}

TEST(Surroundings, EachRefusalHasAText) {
  using auth::RefusalReason;
  std::set<std::string> texts;
  for (int number = 0; number <= static_cast<int>(RefusalReason::StaleNonce); ++number) {
    texts.insert(std::string(turn::to_text(static_cast<RefusalReason>(number))));
  }
  CHECK_EQUAL(std::size_t{8}, texts.size());
  CHECK_EQUAL(std::size_t{0}, texts.count("?"));
  CHECK_EQUAL(std::string("?"), std::string(turn::to_text(static_cast<RefusalReason>(99))));
}
