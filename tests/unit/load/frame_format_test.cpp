// SPDX-License-Identifier: Apache-2.0
#include "load/frame_format.hpp"

#include "stun/attributes.hpp"
#include "stun/message_builder.hpp"

#include <algorithm>

#include <CppUTest/TestHarness.h>

namespace {

using load::Fault;
using load::FrameFormat;
using stun::AttributeType;

}  // namespace

TEST_GROUP(LoadFrameFormat) {
  std::vector<load::TurnClient> clients;
  load::Options options;
  std::vector<std::byte> frame;

  void setup() override {
    const auto account = std::make_shared<load::Account>("alice", "pass");
    clients.emplace_back(account, stun::ChannelNumber(0x4000));
    clients.emplace_back(account, stun::ChannelNumber(0x4001));
    clients[0].set_peer(*base::TransportAddress::parse("192.0.2.1:1000"));
    clients[1].set_peer(*base::TransportAddress::parse("192.0.2.2:1000"));
    options.size = 33;
  }

  void teardown() override {
    clients = {};
    frame = {};
  }

  void write(const FrameFormat& format) {
    frame.assign(format.frame_size(), std::byte{0xFF});
    const base::MutableBytes payload = format.open(clients[0], frame, 9);
    std::fill(payload.begin(), payload.end(), std::byte{0x55});
  }

  std::vector<std::byte> data_indication(std::string_view peer) {
    std::vector<std::byte> bytes(200);
    stun::MessageBuilder message(
        bytes, stun::MessageClass::Indication, stun::Method::Data, stun::TransactionId{});
    message.add_xor_address(AttributeType::XorPeerAddress, *base::TransportAddress::parse(peer));
    message.add(AttributeType::Data, std::vector<std::byte>(33, std::byte{0x55}));
    bytes.resize(message.size());
    return bytes;
  }
};

TEST(LoadFrameFormat, ChannelDataOverUdpHasNoPadding) {
  const FrameFormat format(options, clients);
  write(format);

  CHECK_EQUAL(37U, frame.size());
  const auto payload = format.unwrap(clients[0], frame);
  CHECK_TRUE(payload.has_value());
  CHECK_EQUAL(33U, payload->size());
  CHECK_TRUE(payload->back() == std::byte{0x55});
}

TEST(LoadFrameFormat, ChannelDataOverTcpIsPaddedWithZeros) {
  options.transport = base::Transport::Tcp;
  write(FrameFormat(options, clients));

  CHECK_EQUAL(40U, frame.size());
  CHECK_TRUE(frame.back() == std::byte{0});
}

TEST(LoadFrameFormat, ChannelOfAnotherClientIsMisrouted) {
  const FrameFormat format(options, clients);
  write(format);

  CHECK_TRUE(format.unwrap(clients[1], frame) == base::failure(Fault::Misrouted));
}

TEST(LoadFrameFormat, SendIndicationIsAMessageOfTheRfc) {
  options.method = load::Method::Send;
  for (const char* const peer : {"192.0.2.1:1000", "[2001:db8::1]:1000"}) {
    clients[0].set_peer(*base::TransportAddress::parse(peer));
    write(FrameFormat(options, clients));

    const auto message = stun::MessageView::parse(frame);
    CHECK_TRUE(message.has_value());
    CHECK_TRUE(message->method() == stun::Method::Send);
    CHECK_TRUE(stun::parse_xor_address(message->find(AttributeType::XorPeerAddress).value(),
                                       message->transaction_id()) == clients[0].peer());
    CHECK_EQUAL(33U, message->find(AttributeType::Data).value().size());
  }
}

TEST(LoadFrameFormat, DataIndicationIsUnwrapped) {
  options.method = load::Method::Send;
  const FrameFormat format(options, clients);
  const std::vector<std::byte> indication = data_indication("192.0.2.1:1000");

  const auto payload = format.unwrap(clients[0], indication);

  CHECK_TRUE(payload.has_value());
  CHECK_EQUAL(33U, payload->size());
}

TEST(LoadFrameFormat, DataIndicationFromAnotherPeerIsMisrouted) {
  options.method = load::Method::Send;
  const std::vector<std::byte> indication = data_indication("192.0.2.2:1000");

  CHECK_TRUE(FrameFormat(options, clients).unwrap(clients[0], indication) ==
             base::failure(Fault::Misrouted));
}
