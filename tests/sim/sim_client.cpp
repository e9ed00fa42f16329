// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_client.hpp"

#include <array>

namespace sim {

using stun::Method;

Act SimClient::next_act() {
  if (!pending_ && (!is_allocated_ || random_.one_in(3))) {
    return Act::Ask;
  }
  if (random_.one_in(100)) {
    return Act::Rebind;
  }
  if (!is_allocated_ && !random_.one_in(4)) {
    return Act::Idle;
  }
  return random_.one_in(2) ? Act::SendOnChannel : Act::SendIndication;
}

base::TransportAddress SimClient::choose_peer(const std::vector<base::TransportAddress>& peers) {
  return granted_peers_.empty() || random_.one_in(8) ? choose_new_peer(peers)
                                                     : any_of(granted_peers_);
}

std::uint16_t SimClient::choose_channel() {
  constexpr std::uint16_t kFirst = 0x4000;
  return granted_channels_.empty() || random_.one_in(8)
             ? static_cast<std::uint16_t>(kFirst + random_.below(6))
             : any_of(granted_channels_);
}

base::TransportAddress SimClient::choose_new_peer(
    const std::vector<base::TransportAddress>& peers) {
  base::TransportAddress peer = any_of(peers);
  for (int tries = 0; tries < 5 && families_.count(peer.ip.family()) == 0 && !random_.one_in(20);
       ++tries) {
    peer = any_of(peers);
  }
  return peer;
}

Ask SimClient::make_allocate() {
  Ask ask;
  ask.method = Method::Allocate;
  if (random_.one_in(20)) {
    ask.protocol = 6;
  }
  if (random_.one_in(4)) {
    ask.family = static_cast<std::uint8_t>(random_.one_in(12) ? 3 : 1 + random_.below(2));
  } else if (random_.one_in(3)) {
    ask.wants_both_families = true;
  }
  if (random_.one_in(3)) {
    ask.port_wish = random_.one_in(2) ? PortWish::Even : PortWish::EvenAndReserveNext;
  }
  if (token_ && random_.one_in(2)) {
    ask.token = token_;
    if (!random_.one_in(8)) {
      ask.family.reset();
      ask.wants_both_families = false;
      ask.port_wish = PortWish::Any;
    }
  }
  return ask;
}

Ask SimClient::make_refresh() {
  Ask ask;
  ask.method = Method::Refresh;
  if (random_.one_in(4)) {
    ask.family = static_cast<std::uint8_t>(1 + random_.below(2));
  }
  if (random_.one_in(8)) {
    ask.lifetime = 0;
  }
  return ask;
}

void SimClient::sign(Ask& ask) {
  random_.fill(ask.id);
  ask.account = account_;
  ask.is_signed = !nonce_.empty() && !random_.one_in(30);
  ask.has_right_password = !random_.one_in(30);
  ask.nonce = nonce_;
  ask.nonce_made = nonce_made_;
  ask.nonce_for = nonce_for_;
}

Ask SimClient::make_create_permission(const std::vector<base::TransportAddress>& peers) {
  Ask ask;
  ask.method = Method::CreatePermission;
  for (std::uint32_t left = random_.one_in(20) ? 0 : 1 + random_.below(3); left > 0; --left) {
    ask.peers.push_back(choose_new_peer(peers));
  }
  return ask;
}

Ask SimClient::make_channel_bind(const std::vector<base::TransportAddress>& peers) {
  Ask ask;
  ask.method = Method::ChannelBind;
  ask.channel_number = random_.one_in(20) ? 0x5000 : choose_channel();
  ask.peers.push_back(choose_peer(peers));
  return ask;
}

void SimClient::forget_allocation() {
  is_allocated_ = false;
  families_.clear();
  granted_peers_.clear();
  granted_channels_.clear();
}

Ask SimClient::make_ask(const std::vector<base::TransportAddress>& peers) {
  constexpr std::array<std::uint32_t, 6> kLifetimes = {1, 600, 601, 1'200, 3'600, 100'000};
  Ask ask;
  const std::uint32_t dice = random_.below(10);
  if ((!is_allocated_ && dice < 8) || dice == 0) {
    ask = make_allocate();
  } else if (dice < 4) {
    ask = make_refresh();
  } else {
    ask = dice < 7 ? make_create_permission(peers) : make_channel_bind(peers);
  }
  if (!ask.lifetime && random_.one_in(3)) {
    ask.lifetime = kLifetimes[random_.below(kLifetimes.size())];
  }
  sign(ask);
  pending_ = ask;
  return ask;
}

void SimClient::on_answer(const Answer& answer, base::Instant made_nonce) {
  if (answer.nonce) {
    nonce_ = *answer.nonce;
    nonce_made_ = made_nonce;
    nonce_for_ = five_tuple_.client;
  }
  if (answer.token) {
    token_ = answer.token;
  }
  const Ask& ask = *pending_;
  if (answer.code == 437 && ask.method != Method::Allocate) {
    forget_allocation();
  } else if (answer.code == 437) {
    is_allocated_ = true;
  } else if (answer.code == 0 && ask.method == Method::Allocate) {
    is_allocated_ = true;
    for (const base::TransportAddress& relayed : answer.relayed) {
      families_.insert(relayed.ip.family());
    }
  } else if (answer.code == 0 && ask.method == Method::Refresh && answer.lifetime == 0U) {
    forget_allocation();
  } else if (answer.code == 0) {
    granted_peers_.insert(granted_peers_.end(), ask.peers.begin(), ask.peers.end());
    if (ask.method == Method::ChannelBind) {
      granted_channels_.push_back(ask.channel_number);
    }
  }
  pending_.reset();
}

void SimClient::rebind() {
  ++five_tuple_.client.port;
  forget_allocation();
  pending_.reset();
}

}  // namespace sim
