// SPDX-License-Identifier: Apache-2.0
#include "stun/fingerprint.hpp"

#include "support/hex.hpp"
#include "support/test.hpp"
#include "support/vectors.hpp"

TEST_GROUP(Fingerprint) {
};

TEST(Fingerprint, IsTheCrcOfTheCheckTextMaskedByTheRfcsConstant) {
  // 0xCBF43926 is the check value of CRC-32 for these digits.
  CHECK_EQUAL(0xCBF43926U ^ 0x5354554EU, stun::fingerprint_of(base::bytes_of("123456789")));
}

TEST(Fingerprint, OfNothingIsTheMask) {
  CHECK_EQUAL(0x5354554EU, stun::fingerprint_of({}));
}

TEST(Fingerprint, IsThatOfTheRfc5769Messages) {
  for (const char* file : {"rfc5769_2_1_request.hex",
                           "rfc5769_2_2_ipv4_response.hex",
                           "rfc5769_2_3_ipv6_response.hex"}) {
    const auto bytes = support::vector_bytes(file);
    CHECK_EQUAL(base::load_u32(bytes.data() + bytes.size() - 4),
                stun::fingerprint_of(base::Bytes(bytes).first(bytes.size() - 8)));
  }
}
