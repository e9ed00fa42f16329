// SPDX-License-Identifier: Apache-2.0
#include "relay/classify.hpp"

#include "support/test.hpp"

#include <array>

using relay::classify;
using relay::Kind;

namespace {

Kind kind_of(unsigned first) {
  return classify(std::array{static_cast<std::byte>(first), std::byte{0xFF}});
}

}  // namespace

TEST_GROUP(Classify) {
};

TEST(Classify, FirstByteDecides) {
  // RFC 7983 §7, figure 3; of the channels only those that RFC 8656 §12 leaves.
  for (unsigned first = 0; first < 256; ++first) {
    Kind expected = Kind::Other;
    if (first <= 3) {
      expected = Kind::Stun;
    } else if (first >= 20 && first <= 63) {
      expected = Kind::Dtls;
    } else if (first >= 64 && first <= 79) {
      expected = Kind::ChannelData;
    }
    CHECK_EQUAL(expected, kind_of(first));
  }
}

TEST(Classify, OneByteIsEnoughAndNoneIsNothing) {
  CHECK_EQUAL(Kind::Stun, classify(std::array{std::byte{0}}));
  CHECK_EQUAL(Kind::Other, classify({}));
}
