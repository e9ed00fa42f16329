// SPDX-License-Identifier: Apache-2.0
#include "support/relay_client.hpp"

#include "stun/attributes.hpp"
#include "support/describe.hpp"
#include "support/hex.hpp"
#include "support/test.hpp"

#include <algorithm>

namespace support {
namespace {

using base::TransportAddress;
using stun::AttributeType;
using stun::Method;

constexpr std::size_t kChannelHeaderSize = 4;

std::string quoted(base::Bytes data) {
  return "\"" + std::string(base::text_of(data)) + "\"";
}

/// Anything else fails the test with what came.
void expect(const std::string& answer, std::string_view start) {
  if (!answer.starts_with(start)) {
    FAIL((std::string(start) + " expected, not: " + answer).c_str());
  }
}

bool is_channel_data(base::Bytes message) {
  return !message.empty() && (message[0] & std::byte{0xC0}) == std::byte{0x40};
}

}  // namespace

std::string Arrived::to_string() const {
  if (channel) {
    std::array<std::byte, 2> number{};
    base::store_u16(number.data(), *channel);
    return "channel " + base::to_hex(number) + " " + quoted(data);
  }
  return peer ? "from " + peer->to_string() + " " + quoted(data) : describe(raw, {});
}

Arrived take_apart(base::Bytes message) {
  Arrived arrived;
  arrived.raw.assign(message.begin(), message.end());
  if (is_channel_data(message)) {
    if (message.size() >= kChannelHeaderSize &&
        base::load_u16(message.data() + 2) == message.size() - kChannelHeaderSize) {
      arrived.channel = base::load_u16(message.data());
      arrived.data.assign(message.begin() + kChannelHeaderSize, message.end());
    }
    return arrived;
  }
  const auto view = stun::MessageView::parse(message);
  if (!view || view->method() != Method::Data || !view->find(AttributeType::Data)) {
    return arrived;
  }
  const auto peer = stun::parse_xor_address(view->find(AttributeType::XorPeerAddress).value(),
                                            view->transaction_id());
  const base::Bytes data = *view->find(AttributeType::Data);
  RawMessage expected(stun::MessageClass::Indication, Method::Data, view->transaction_id());
  expected.add_xor_address(AttributeType::XorPeerAddress, peer.value());
  expected.add(AttributeType::Data, data);
  if (std::ranges::equal(expected.bytes(), message)) {
    arrived.peer = *peer;
    arrived.data.assign(data.begin(), data.end());
  }
  return arrived;
}

std::vector<std::byte> channel_data(std::uint16_t number, base::Bytes data) {
  std::array<std::byte, kChannelHeaderSize> header{};
  base::store_u16(header.data(), number);
  base::store_u16(header.data() + 2, static_cast<std::uint16_t>(data.size()));
  return concat({header, data});
}

std::vector<std::byte> channel_data(std::uint16_t number, std::string_view data) {
  return channel_data(number, base::bytes_of(data));
}

std::vector<std::byte> send_indication(const TransportAddress& peer,
                                       base::Bytes data,
                                       bool dont_fragment) {
  RawMessage message(stun::MessageClass::Indication, Method::Send);
  message.add_xor_address(AttributeType::XorPeerAddress, peer);
  if (dont_fragment) {
    message.add(AttributeType::DontFragment, "");
  }
  return message.add(AttributeType::Data, data).bytes();
}

std::vector<std::byte> send_indication(const TransportAddress& peer,
                                       std::string_view data,
                                       bool dont_fragment) {
  return send_indication(peer, base::bytes_of(data), dont_fragment);
}

RelayClient::RelayClient(RelayBench& bench,
                         base::Transport transport,
                         std::string username,
                         std::string_view ip)
    : bench_(bench) {
  signer_.username = std::move(username);
  if (transport == base::Transport::Udp) {
    server_ = bench.udp_address();
    udp_.emplace(ip);
  } else {
    server_ = bench.tcp_address();
    tcp_.emplace(server_);
  }
}

const TransportAddress& RelayClient::address() const {
  return udp_ ? udp_->address() : tcp_->address();
}

void RelayClient::send(base::Bytes bytes) {
  if (udp_) {
    udp_->send(server_, bytes);
    return;
  }
  std::vector<std::byte> padded(bytes.begin(), bytes.end());
  padded.resize((bytes.size() + 3) / 4 * 4);
  tcp_->send(padded);
}

std::optional<std::vector<std::byte>> RelayClient::take_frame() {
  tcp_->read_some();
  std::vector<std::byte>& received = tcp_->received();
  if (received.size() < kChannelHeaderSize) {
    return std::nullopt;
  }
  const std::size_t length = base::load_u16(received.data() + 2);
  const std::size_t size =
      is_channel_data(received) ? kChannelHeaderSize + length : stun::kHeaderSize + length;
  const std::size_t padded = (size + 3) / 4 * 4;
  if (received.size() < padded) {
    return std::nullopt;
  }
  const auto begin = received.begin();
  std::vector<std::byte> frame(begin, begin + static_cast<std::ptrdiff_t>(size));
  received.erase(begin, begin + static_cast<std::ptrdiff_t>(padded));
  return frame;
}

Arrived RelayClient::next() {
  if (udp_) {
    const auto datagram = bench_.arrives_at(*udp_);
    CHECK_TRUE(datagram.has_value());
    return take_apart(datagram->bytes);
  }
  std::optional<std::vector<std::byte>> frame;
  CHECK_TRUE(bench_.serve_until([&] {
    frame = take_frame();
    return frame.has_value();
  }));
  return take_apart(*frame);
}

RawMessage RelayClient::request(Method method) const {
  stun::TransactionId id{};
  bench_.random.fill(id);
  return {stun::MessageClass::Request, method, id};
}

std::vector<std::byte> RelayClient::signed_bytes(const RawMessage& message) {
  const auto nonce = bench_.nonces.make(address(), {true, false}, net::read_clocks().monotonic);
  signer_.nonce.assign(nonce.data(), nonce.size());
  return signer_.sign(message).bytes();
}

std::vector<std::byte> RelayClient::refresh(std::uint32_t lifetime) {
  return signed_bytes(request(Method::Refresh).add_u32(AttributeType::Lifetime, lifetime));
}

std::string RelayClient::ask(const RawMessage& message) {
  send(signed_bytes(message));
  return describe(next().raw, signer_.key().bytes());
}

TransportAddress RelayClient::allocate(base::Family family) {
  constexpr std::uint8_t kProtocolUdp = 17;
  RawMessage message = request(Method::Allocate);
  message.add_leading_u8(AttributeType::RequestedTransport, kProtocolUdp);
  message.add_leading_u8(AttributeType::RequestedAddressFamily, static_cast<std::uint8_t>(family));
  const std::string answer = ask(message);
  expect(answer, "Allocate success");
  return bench_.server.allocations().get(id())->relay(family)->external;
}

void RelayClient::permit(const TransportAddress& peer) {
  const std::string answer =
      ask(request(Method::CreatePermission).add_xor_address(AttributeType::XorPeerAddress, peer));
  expect(answer, "CreatePermission success");
}

void RelayClient::bind(std::uint16_t number, const TransportAddress& peer) {
  const std::string answer = ask(request(Method::ChannelBind)
                                     .add_leading_u16(AttributeType::ChannelNumber, number)
                                     .add_xor_address(AttributeType::XorPeerAddress, peer));
  expect(answer, "ChannelBind success");
}

turn::AllocationId RelayClient::id() const {
  return *bench_.server.find_client(
      {address(), server_, udp_ ? base::Transport::Udp : base::Transport::Tcp});
}

}  // namespace support
