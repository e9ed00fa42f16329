// SPDX-License-Identifier: Apache-2.0
#include "sim/simulation.hpp"

#include "support/raw_message.hpp"

namespace sim {

using base::FiveTuple;
using base::TransportAddress;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr unsigned kTransmissionsMax = 4;

TransportAddress address(std::string_view text) {
  return *TransportAddress::parse(text);
}

}  // namespace

Simulation::Simulation(std::uint64_t seed) : random_(seed) {}

World Simulation::make_world() {
  World world;
  world.policy.allocations_per_user = 3;
  world.policy.permissions_per_allocation = 3;
  world.policy.channels_per_allocation = 3;
  world.policy.unauthenticated_per_second = 0;
  world.relay_ipv4 = address("192.0.2.10:0").ip;
  world.relay_ipv6 = address("[2001:db8::10]:0").ip;
  world.relay_ports = {50'000, 50'006};
  return world;
}

std::vector<SimClient> Simulation::make_clients() {
  const base::WallTime expiry = support::FakeClock::kWallStart + std::chrono::minutes{20};
  const std::string timed = std::to_string(expiry.time_since_epoch().count()) + ":carol";
  const Account alice{"alice", "alice", "pass", {}};
  const Account bob{"bob", "bob", "pass", {}};
  const Account carol{timed, "carol", auth::time_limited_password("secret", timed), expiry};
  const auto client =
      [&](std::string_view from, const Account& account, base::Transport transport) {
        const TransportAddress local = address(from);
        const TransportAddress server =
            address(local.ip.is_ipv4() ? "192.0.2.1:3478" : "[2001:db8::1]:3478");
        return SimClient({local, server, transport}, account, random_);
      };
  return {client("198.51.100.1:40000", alice, base::Transport::Udp),
          client("[2001:db8::77]:40000", alice, base::Transport::Udp),
          client("198.51.100.1:40000", alice, base::Transport::Tcp),
          client("198.51.100.2:40000", bob, base::Transport::Udp),
          client("198.51.100.2:50000", bob, base::Transport::Tcp),
          client("198.51.100.3:40000", carol, base::Transport::Udp),
          client("198.51.100.3:50000", carol, base::Transport::Udp)};
}

std::shared_ptr<const turn::Snapshot> Simulation::snapshot() const {
  auto made = std::make_shared<turn::Snapshot>();
  std::vector<auth::StaticUser> users;
  for (const char* name : {"alice", "bob"}) {
    users.push_back({name,
                     stun::long_term_key(stun::PasswordAlgorithm::Md5, name, world_.realm, "pass"),
                     std::nullopt});
  }
  made->policy = world_.policy;
  made->credentials = auth::Credentials(world_.realm, std::move(users), {{"s", "secret"}});
  turn::PeerFilter::Rules rules;
  rules.relay = ports_.addresses();
  rules.relay_ports = world_.relay_ports;
  if (is_denied_) {
    rules.deny = {*base::Cidr::parse(std::string(ReferenceModel::kDeniable) + "0/24")};
  }
  made->peers = turn::PeerFilter(std::move(rules));
  made->generation = generation_;
  return made;
}

std::vector<TransportAddress> Simulation::peers() const {
  std::vector<TransportAddress> all;
  for (const char* text : {"9.9.9.9:7000",
                           "9.9.9.9:7000",
                           "9.9.9.9:7001",
                           "9.9.8.1:7000",
                           "9.9.8.2:7000",
                           "8.8.8.8:53",
                           "[2a00::9]:7000",
                           "[2a00::9]:7000",
                           "[2a00::a]:7000",
                           "127.0.0.1:80",
                           "[::1]:80",
                           "192.0.2.10:3478"}) {
    all.push_back(address(text));
  }
  all.insert(all.end(), open_.begin(), open_.end());
  return all;
}

void Simulation::expect(bool holds, const std::string& what) {
  if (!holds && violation_.empty()) {
    violation_ = what;
  }
}

std::string Simulation::run(std::size_t steps) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    network_.plan(now(), pause(), [this, i] { client_acts(i); });
  }
  network_.plan(now(), pause(), [this] { chaos_acts(); });
  for (std::size_t done = 0; done < steps && violation_.empty(); ++done) {
    step();
    if (!violation_.empty()) {
      violation_ += ", in step " + std::to_string(done);
    }
  }
  if (violation_.empty()) {
    end();
  }
  return violation_;
}

void Simulation::step() {
  clock_.advance(network_.next() - now());
  server_.on_deadline(clock_.now());
  model_.advance(now());
  network_.take()();
  expect(server_.allocations().size() == model_.allocations(),
         "server and model have not the same allocations");
  const std::string found = support::violation(view());
  expect(found.empty(), found);
}

void Simulation::end() {
  network_.clear();
  clock_.advance(std::chrono::hours{2});
  server_.on_deadline(clock_.now());
  model_.advance(now());
  const std::string found = support::leftover(view());
  expect(found.empty(), found);
  expect(model_.allocations() == 0 && model_.reservations() == 0,
         "the model keeps something for ever");
}

base::Duration Simulation::pause() {
  // Mostly busy, at times silent for longer than a permission or an allocation lasts.
  const std::uint32_t dice = random_.below(20);
  if (dice < 11) {
    return milliseconds{random_.below(2'000)};
  }
  if (dice < 17) {
    return milliseconds{random_.below(20'000)};
  }
  return milliseconds{random_.below(dice < 19 ? 300'000 : 1'300'000)};
}

void Simulation::send_up(const SimClient& client, const std::function<void()>& arrive) {
  if (client.is_stream()) {
    network_.send_stream(now(), arrive);
  } else {
    network_.send_datagram(now(), arrive);
  }
}

void Simulation::client_acts(std::size_t index) {
  SimClient& client = clients_[index];
  const FiveTuple from = client.five_tuple();
  switch (client.next_act()) {
    case Act::Ask:
      transmit(index, client.make_ask(peers()), 0);
      break;
    case Act::SendOnChannel:
      send_up(client, [this, from, number = client.choose_channel()] {
        channel_data_arrives(from, number);
      });
      break;
    case Act::SendIndication:
      send_up(client, [this, from, peer = client.choose_peer(peers())] {
        send_indication_arrives(from, peer);
      });
      break;
    case Act::Rebind:
      rebind(index);
      break;
    case Act::Idle:
      break;
  }
  network_.plan(now(), pause(), [this, index] { client_acts(index); });
}

void Simulation::rebind(std::size_t index) {
  SimClient& client = clients_[index];
  if (client.is_stream()) {
    network_.send_stream(now(), [this, gone = client.five_tuple()] {
      server_.on_client_gone(gone, clock_.now());
      model_.forget(gone);
    });
  }
  client.rebind();
}

void Simulation::chaos_acts() {
  switch (random_.below(4)) {
    case 0:
      failing_binds_ = random_.below(10);
      bind_error_ = random_.one_in(2) ? std::errc::address_in_use : std::errc::too_many_files_open;
      break;
    case 1:
      reload();
      break;
    default:
      peer_datagram_arrives(
          {random_.one_in(2) ? world_.relay_ipv4 : world_.relay_ipv6,
           static_cast<std::uint16_t>(world_.relay_ports.first + random_.below(7))},
          clients_.front().choose_peer(peers()));
  }
  network_.plan(now(), pause(), [this] { chaos_acts(); });
}

void Simulation::reload() {
  is_denied_ = !is_denied_;
  ++generation_;
  server_.on_snapshot(snapshot(), clock_.now());
  model_.set_denied(is_denied_);
}

void Simulation::transmit(std::size_t index, const Ask& ask, unsigned attempt) {
  SimClient& client = clients_[index];
  const FiveTuple from = client.five_tuple();
  send_up(client, [this, index, from, ask] { serve(index, from, ask); });
  // RFC 8489 §6.2.1: again after 500 ms, then after twice as long each time; a stream only waits.
  const bool is_last = client.is_stream() || attempt + 1 == kTransmissionsMax;
  const base::Duration patience =
      client.is_stream() ? milliseconds{5'000} : milliseconds{500U << attempt};
  network_.plan(now(), patience, [this, index, ask, attempt, is_last] {
    SimClient& same = clients_[index];
    if (!same.pending() || same.pending()->id != ask.id) {
      return;
    }
    if (is_last) {
      same.give_up();
    } else {
      transmit(index, ask, attempt + 1);
    }
  });
}

}  // namespace sim
