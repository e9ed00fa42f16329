// SPDX-License-Identifier: Apache-2.0
#include "stun/data_indication.hpp"

#include "stun/message_view.hpp"
#include "support/abort.hpp"
#include "support/hex.hpp"
#include "support/raw_message.hpp"
#include "support/test.hpp"

namespace {

using base::TransportAddress;
using stun::AttributeType;

}  // namespace

TEST_GROUP(DataIndication) {
  /// The whole message, as the caller completes it.
  static std::vector<std::byte> completed(const char* peer, base::Bytes data) {
    std::vector<std::byte> message(stun::kDataIndicationHeaderMax, std::byte{0xFF});
    message.resize(stun::write_data_indication_header(
        message, support::kTransactionId, *TransportAddress::parse(peer), data.size()));
    message.insert(message.end(), data.begin(), data.end());
    message.resize(stun::padded(message.size()));
    return message;
  }

  static std::vector<std::byte> expected(const char* peer, base::Bytes data) {
    return support::RawMessage(stun::MessageClass::Indication, stun::Method::Data)
        .add_xor_address(AttributeType::XorPeerAddress, *TransportAddress::parse(peer))
        .add(AttributeType::Data, data)
        .bytes();
  }
};

TEST(DataIndication, IsAWholeMessageWithItsDataAndPadding) {
  for (const char* peer : {"192.0.2.1:7000", "[2001:db8::1]:7000"}) {
    for (std::size_t size = 0; size < 9; ++size) {
      const auto data = support::repeated(0xAB, size);
      HEX_EQUAL(expected(peer, data), completed(peer, data));
    }
  }
}

TEST(DataIndication, HeaderIsOfTwoSizes) {
  std::array<std::byte, stun::kDataIndicationHeaderMax> out{};
  CHECK_EQUAL(std::size_t{36},
              stun::write_data_indication_header(
                  out, support::kTransactionId, *TransportAddress::parse("192.0.2.1:1"), 5));
  CHECK_EQUAL(stun::kDataIndicationHeaderMax,
              stun::write_data_indication_header(
                  out, support::kTransactionId, *TransportAddress::parse("[2001:db8::1]:1"), 5));
}

TEST(DataIndication, LongestDataFitsTheLengthField) {
  const auto data = support::repeated(1, stun::kDataIndicationDataMax);
  for (const char* peer : {"192.0.2.1:7000", "[2001:db8::1]:7000"}) {
    const auto message = completed(peer, data);
    const auto view = stun::MessageView::parse(message);
    CHECK_TRUE(view.has_value());
    CHECK_EQUAL(data.size(), view->find(AttributeType::Data)->size());
  }
}

TEST(DataIndication, LongerDataIsABug) {
  CHECK_TRUE(support::aborts([] {
    std::array<std::byte, stun::kDataIndicationHeaderMax> out{};
    static_cast<void>(stun::write_data_indication_header(out,
                                                         support::kTransactionId,
                                                         *TransportAddress::parse("192.0.2.1:1"),
                                                         stun::kDataIndicationDataMax + 1));
  }));
}
