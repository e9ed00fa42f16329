// SPDX-License-Identifier: Apache-2.0
#include "load/fleet.hpp"

#include "load/failure.hpp"
#include "load/progress.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace load {
namespace {

// Few enough that no receive buffer overflows, enough that a distant server is kept busy.
constexpr std::size_t kAtATime = 64;
constexpr std::int64_t kCredentialLifetime = 86'400;  // Seconds.
constexpr std::int64_t kReleaseTimeMax = 5'000'000'000;
constexpr std::uint32_t kChannels = 0x1000;

// RFC 8489 §5: type bits 0x0110 carry the class; an indication has 0x0010.
bool is_data(base::Bytes frame) {
  const auto first = std::to_integer<unsigned>(frame[0]);
  return first >= 0x40 ||
         (frame.size() >= 2 && (base::load_u16(frame.data()) & 0x0110U) == 0x0010U);
}

LinkOptions link_options(const Options& options) {
  return {options.server, options.clients, options.gro, options.timeout};
}

std::unique_ptr<ClientLinks> make_links(const Options& options, Poller& poller) {
  if (options.transport == base::Transport::Tcp) {
    return make_tcp_links(link_options(options), poller);
  }
  return options.sockets == Sockets::Shared ? make_shared_udp_links(link_options(options), poller)
                                            : make_udp_links(link_options(options), poller);
}

std::shared_ptr<Account> make_account(const Options& options) {
  if (options.secret.empty()) {
    return std::make_shared<Account>(options.user, options.password);
  }
  const auto wall = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return std::make_shared<Account>(
      time_limited_account(options.secret, options.user, wall.count() + kCredentialLifetime));
}

const Options& with_descriptors(const Options& options, std::uint32_t peers) {
  allow_descriptors(peers + (options.sockets == Sockets::Each ? options.clients : 1U));
  return options;
}

}  // namespace

Fleet::Fleet(const Options& options, std::uint32_t peers)
    : options_(with_descriptors(options, peers)),
      links_(make_links(options_, poller_)),
      peers_(options_.peer_ip, peers, options_.gro, poller_),
      transactions_(
          clients_,
          *links_,
          random_,
          {options_.timeout, options_.transport == base::Transport::Udp, options_.clients}) {
  const auto account = make_account(options_);
  clients_.reserve(options_.clients);
  for (std::uint32_t i = 0; i < options_.clients; ++i) {
    const auto number = static_cast<std::uint16_t>(stun::kChannelNumberMin.value() + i % kChannels);
    clients_.emplace_back(account, stun::ChannelNumber(number));
    clients_.back().set_peer(peers > 0 ? peers_.address_of(i)
                                       : base::TransportAddress{options_.peer_ip, 0});
  }
}

void Fleet::set_receivers(DataReceiver* clients, PeerReceiver* peers) {
  data_receiver_ = clients;
  peer_receiver_ = peers;
}

void Fleet::run_all(std::span<const Step> steps, const std::string& doing) {
  ProgressLine progress(options_.progress);
  std::uint32_t started = 0;
  std::uint32_t done = 0;
  while (done < size()) {
    const std::int64_t time = now();
    for (; started < size() && transactions_.active() < kAtATime; ++started) {
      transactions_.start(started, steps, time);
    }
    pump(options_.timeout);
    for (const auto& completion : transactions_.take_completions()) {
      if (completion.failure) {
        throw Failure(*completion.failure + " (client " + std::to_string(completion.client + 1) +
                      " of " + std::to_string(size()) + ", server " + options_.server.to_string() +
                      ")");
      }
      ++done;
    }
    if (progress.is_due(time)) {
      progress.show(time, doing + ": " + std::to_string(done) + " of " + std::to_string(size()));
    }
  }
}

void Fleet::release() {
  static constexpr std::array kSteps{Step::Release};
  const std::int64_t give_up_at = now() + kReleaseTimeMax;
  std::uint32_t started = 0;
  while ((started < size() || transactions_.active() > 0) && now() < give_up_at) {
    for (; started < size() && transactions_.active() < kAtATime; ++started) {
      transactions_.start(started, kSteps, now());
    }
    pump(give_up_at - now());
  }
}

void Fleet::pump(std::int64_t timeout) {
  links_->flush();
  peers_.flush();
  if (const auto deadline = transactions_.next_deadline()) {
    timeout = std::clamp<std::int64_t>(*deadline - now(), 0, timeout);
  }
  for (const epoll_event& event : poller_.wait(timeout)) {
    const Tag tag = Poller::tag_of(event);
    if (tag.side == Side::Client) {
      links_->on_ready(tag.index, *this);
    } else {
      peers_.on_ready(tag.index, peer_receiver_);
    }
  }
  transactions_.run_due(now());
  links_->flush();
  peers_.flush();
}

void Fleet::on_frame(std::uint32_t client, base::Bytes frame, std::int64_t now) {
  if (frame.empty()) {
    return;
  }
  if (!is_data(frame)) {
    transactions_.on_message(client, frame, now);
  } else if (data_receiver_ != nullptr) {
    data_receiver_->on_data(client, frame, now);
  }
}

void Fleet::on_broken(std::uint32_t client, const std::string& why) {
  if (options_.transport == base::Transport::Tcp) {
    throw Failure("Client " + std::to_string(client + 1) + " lost its connection: " + why);
  }
  transactions_.fail(client, "The server cannot be reached: " + why);
}

}  // namespace load
