// SPDX-License-Identifier: Apache-2.0
#include "base/check.hpp"
#include "support/turn_bench.hpp"

namespace support {

using base::TransportAddress;
using stun::AttributeType;
using stun::Method;

namespace {

/// Where a datagram goes, as text: "<relay family> to <peer>", marked when it stays inside the
/// process.
std::string to_text(const turn::ToPeer& to) {
  const std::string family = to.relay.family == base::Family::IPv4 ? "v4" : "v6";
  return family + " to " + to.peer.to_string() + (to.is_own_relayed ? " inside" : "");
}

}  // namespace

TestClient::TestClient(TurnBench& bench,
                       std::string_view address,
                       std::string username,
                       base::Transport transport)
    : bench_(bench) {
  five_tuple = {*TransportAddress::parse(address), {}, transport};
  five_tuple.server = *TransportAddress::parse(
      five_tuple.client.ip.is_ipv4() ? "192.0.2.1:3478" : "[2001:db8::1]:3478");
  signer.username = std::move(username);
}

RawMessage TestClient::request(Method method) {
  stun::TransactionId id{};
  base::store_u32(id.data(), five_tuple.client.port);
  base::store_u32(id.data() + 8, ++transactions_);
  return {stun::MessageClass::Request, method, id};
}

RawMessage TestClient::allocate() {
  constexpr std::uint8_t kProtocolUdp = 17;
  return request(Method::Allocate).add_leading_u8(AttributeType::RequestedTransport, kProtocolUdp);
}

RawMessage TestClient::refresh(std::uint32_t lifetime) {
  return request(Method::Refresh).add_u32(AttributeType::Lifetime, lifetime);
}

RawMessage TestClient::create_permission(std::initializer_list<std::string_view> peers) {
  RawMessage message = request(Method::CreatePermission);
  for (const std::string_view peer : peers) {
    message.add_xor_address(AttributeType::XorPeerAddress, *TransportAddress::parse(peer));
  }
  return message;
}

RawMessage TestClient::channel_bind(std::uint16_t number, std::string_view peer) {
  return request(Method::ChannelBind)
      .add_leading_u16(AttributeType::ChannelNumber, number)
      .add_xor_address(AttributeType::XorPeerAddress, *TransportAddress::parse(peer));
}

std::string TestClient::send(const RawMessage& message) {
  const auto nonce =
      bench_.nonces.make(five_tuple.client, nonce_features, bench_.clock.now().monotonic);
  signer.nonce.assign(nonce.data(), nonce.size());
  bench_.expect_key(five_tuple.client, signer.key());
  return send_bare(signer.sign(message));
}

std::string TestClient::send_bare(const RawMessage& message) {
  static_cast<void>(bench_.take_log());
  bench_.receive(five_tuple, message.bytes());
  return bench_.take_log();
}

void TestClient::have_allocation() {
  static_cast<void>(send(allocate()));
  CHECK(bench_.server.find_client(five_tuple).has_value());
}

void TestClient::have_permission(std::string_view peer) {
  CHECK(send(create_permission({peer})).find("CreatePermission success") != std::string::npos);
}

void TestClient::have_channel(std::uint16_t number, std::string_view peer) {
  CHECK(send(channel_bind(number, peer)).find("ChannelBind success") != std::string::npos);
}

std::string TestClient::channel_data(std::uint16_t number) {
  const auto to = bench_.server.on_channel_data(id(), stun::ChannelNumber{number});
  return to ? to_text(*to) : "-";
}

std::string TestClient::send_indication(const RawMessage& message) {
  const auto indication =
      bench_.server.on_send_indication(id(), *stun::MessageView::parse(message.bytes()));
  return indication
             ? to_text(indication->to) + " \"" + std::string(base::text_of(indication->data)) +
                   "\"" + (indication->dont_fragment ? " df" : "")
             : "-";
}

std::string TestClient::send_data(std::string_view peer, std::string_view data) {
  return send_indication(
      RawMessage(stun::MessageClass::Indication, Method::Send)
          .add_xor_address(AttributeType::XorPeerAddress, *TransportAddress::parse(peer))
          .add(AttributeType::Data, data));
}

std::string TestClient::from_peer(std::string_view peer) {
  const TransportAddress address = *TransportAddress::parse(peer);
  const auto to = bench_.server.on_peer_datagram(relay(address.ip.family()), address);
  if (!to) {
    return "-";
  }
  CHECK(*to->client == five_tuple);
  return to->channel ? "channel " + std::to_string(to->channel->value()) : "indication";
}

}  // namespace support
