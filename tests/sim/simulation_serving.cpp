// SPDX-License-Identifier: Apache-2.0
#include "sim/simulation.hpp"
#include "support/raw_message.hpp"

// The server's side of a simulation: what arrives, what it asks for, and what the model says to
// that.

namespace sim {

using base::FiveTuple;
using base::TransportAddress;

void Simulation::send_to_client(const FiveTuple& /*to*/, base::Bytes message) {
  answers_.emplace_back(message.begin(), message.end());
}

std::error_code Simulation::open_relay(turn::RelayId relay, const TransportAddress& local) {
  if (failing_binds_ != 0) {
    --failing_binds_;
    binds_failed_ = true;
    return std::make_error_code(bind_error_);
  }
  expect(open_.insert(local).second, "a socket was opened twice: " + local.to_string());
  sockets_[{relay.allocation.index, relay.family}] = local;
  return {};
}

void Simulation::close_relay(turn::RelayId relay) {
  const auto found = sockets_.find({relay.allocation.index, relay.family});
  expect(found != sockets_.end(), "a socket was closed that is not open");
  if (found != sockets_.end()) {
    open_.erase(found->second);
    sockets_.erase(found);
  }
}

bool Simulation::can_bind(const TransportAddress& local) {
  expect(open_.count(local) == 0,
         "the server asked about an address that is its own: " + local.to_string());
  const bool works = failing_binds_ == 0 || !random_.one_in(2);
  binds_failed_ = binds_failed_ || !works;
  return works;
}

void Simulation::serve(std::size_t index, const FiveTuple& from, const Ask& ask) {
  const std::vector<std::byte> bytes = encode(ask, world_.realm);
  answers_.clear();
  binds_failed_ = false;
  server_.on_message(from, *stun::MessageView::parse(bytes), clock_.now());
  expect(answers_.size() == 1,
         "a request was answered " + std::to_string(answers_.size()) + " times");
  const auto answer = answers_.empty() ? std::nullopt : decode(answers_.front(), ask, world_.realm);
  expect(answer.has_value(), "an answer is no answer to its request");
  if (!answer) {
    return;
  }
  const std::string wrong = model_.on_answer(ask, from, *answer, binds_failed_, clock_.now());
  expect(wrong.empty(), wrong);
  successes_ += answer->code == 0 ? 1U : 0U;
  send_up(clients_[index], [this, index, from, message = answers_.front(), made = now()] {
    answer_arrives(index, from, message, made);
  });
}

void Simulation::answer_arrives(std::size_t index,
                                const FiveTuple& to,
                                const std::vector<std::byte>& message,
                                base::Instant made) {
  SimClient& client = clients_[index];
  if (client.five_tuple() != to || !client.pending()) {
    return;  // The NAT no longer knows the way, or this is a copy.
  }
  const auto answer = decode(message, *client.pending(), world_.realm);
  if (!answer) {
    return;  // To a request that was given up.
  }
  client.on_answer(*answer, made);
  if (answer->token && random_.one_in(2)) {
    // Another client of the same user, or of another, is told.
    clients_[random_.below(static_cast<std::uint32_t>(clients_.size()))].learn_token(
        *answer->token);
  }
}

void Simulation::channel_data_arrives(const FiveTuple& from, std::uint16_t number) {
  const auto id = server_.find_client(from);
  const auto expected = model_.channel_peer(from, number);
  const auto to = id ? server_.on_channel_data(*id, stun::ChannelNumber{number}) : std::nullopt;
  expect(to.has_value() == expected.has_value(),
         "ChannelData was relayed, or was not, against the rules");
  if (to && expected) {
    expect(to->peer == *expected, "ChannelData went to " + to->peer.to_string());
    forward(*to, model_.to_peer(from, *expected));
  }
}

void Simulation::send_indication_arrives(const FiveTuple& from, const TransportAddress& peer) {
  const auto message = support::RawMessage(stun::MessageClass::Indication, stun::Method::Send)
                           .add_xor_address(stun::AttributeType::XorPeerAddress, peer)
                           .add(stun::AttributeType::Data, "data");
  const auto id = server_.find_client(from);
  const std::string expected = model_.to_peer(from, peer);
  const auto indication =
      id ? server_.on_send_indication(*id, *stun::MessageView::parse(message.bytes()))
         : std::nullopt;
  expect(
      indication.has_value() == (expected != "-"),
      "a Send indication to " + peer.to_string() + " was relayed, or was not, against the rules");
  if (indication && expected != "-") {
    expect(indication->to.peer == peer,
           "a Send indication went to " + indication->to.peer.to_string());
    forward(indication->to, expected);
  }
}

void Simulation::forward(const turn::ToPeer& to, const std::string& expected) {
  ++relayed_;
  const TransportAddress source = server_.external_address(to.relay);
  expect(open_.count(source) == 1, "data left from an address that is not open");
  expect(to.is_own_relayed == (expected == "inside"),
         "data to " + to.peer.to_string() + " took the wrong way");
  if (to.is_own_relayed) {
    peer_datagram_arrives(to.peer, source);
  } else if (random_.one_in(2)) {
    // The peer answers.
    network_.send_datagram(now(),
                           [this, source, peer = to.peer] { peer_datagram_arrives(source, peer); });
  }
}

void Simulation::peer_datagram_arrives(const TransportAddress& relayed,
                                       const TransportAddress& peer) {
  const auto relay = server_.find_relayed(relayed);
  const auto owner = model_.owner_of(relayed);
  expect(relay.has_value() == owner.has_value(),
         "server and model disagree whose " + relayed.to_string() + " is");
  if (!relay || !owner) {
    return;
  }
  const auto to = server_.on_peer_datagram(*relay, peer);
  const std::string way = !to           ? "-"
                          : to->channel ? "channel " + std::to_string(to->channel->value())
                                        : "indication";
  expect(!to || *to->client == *owner, "a peer's data reached another client");
  expect(way == model_.to_client(*owner, peer),
         "data of " + peer.to_string() + " came as \"" + way + "\", expected \"" +
             model_.to_client(*owner, peer) + "\"");
  relayed_ += to ? 1U : 0U;
}

}  // namespace sim
