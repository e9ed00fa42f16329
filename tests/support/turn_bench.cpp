// SPDX-License-Identifier: Apache-2.0
#include "support/turn_bench.hpp"

#include "base/check.hpp"
#include "support/describe.hpp"
#include "support/invariants.hpp"

namespace support {

using base::TransportAddress;

turn::RelayAddress TurnSetup::relay_address(std::string_view local, std::string_view external) {
  const auto ip = base::IpAddress::parse(local);
  CHECK(ip.has_value());
  return {*ip, external.empty() ? *ip : *base::IpAddress::parse(external)};
}

std::shared_ptr<const turn::Snapshot> TurnSetup::snapshot(std::uint64_t generation) const {
  std::vector<auth::StaticUser> known;
  for (const std::string& name : users) {
    known.push_back({name,
                     stun::long_term_key(stun::PasswordAlgorithm::Md5, name, realm, "pass"),
                     stun::long_term_key(stun::PasswordAlgorithm::Sha256, name, realm, "pass")});
  }
  for (const std::string& name : md5_users) {
    known.push_back(
        {name, stun::long_term_key(stun::PasswordAlgorithm::Md5, name, realm, "pass"), {}});
  }
  auto made = std::make_shared<turn::Snapshot>();
  made->policy = policy;
  made->credentials = auth::Credentials(realm, std::move(known), secrets);
  made->peers = turn::PeerFilter({allow, deny, own, relay, relay_ports});
  made->generation = generation;
  return made;
}

TurnBench::TurnBench(TurnSetup wanted)
    : setup(std::move(wanted)),
      ports(setup.relay, setup.relay_ports),
      server(setup.snapshot(generation_),
             {ports, budget, quota, *this, nonces},
             random,
             *this,
             counters,
             0) {}

void TurnBench::receive(const base::FiveTuple& from, base::Bytes message) {
  server.on_deadline(clock.now());
  const auto view = stun::MessageView::parse(message);
  if (!view) {
    server.on_unparsed(from, message, view.error(), clock.now());
    return;
  }
  server.on_message(from, *view, clock.now());
}

std::string TurnBench::violation() {
  return support::violation({server, ports, quota, counters, open_, clock.now().monotonic});
}

void TurnBench::advance(base::Duration by) {
  clock.advance(by);
  server.on_deadline(clock.now());
}

void TurnBench::reload(const std::function<void(TurnSetup&)>& change) {
  change(setup);
  server.on_snapshot(setup.snapshot(++generation_), clock.now());
}

void TurnBench::fail_binds(const TransportAddress& local, std::errc error) {
  failing_.insert_or_assign(local, error);
}

std::string TurnBench::take_log() {
  std::string taken;
  taken.swap(log_);
  if (!taken.empty()) {
    taken.pop_back();
  }
  return taken;
}

void TurnBench::send_to_client(const base::FiveTuple& to, base::Bytes message) {
  last_sent_.assign(message.begin(), message.end());
  note("to " + to.client.to_string() + ": " + describe(message, keys_[to.client].bytes()));
}

std::error_code TurnBench::open_relay(turn::RelayId relay, const TransportAddress& local) {
  if (const auto failing = failing_.find(local); failing != failing_.end()) {
    note("cannot open " + local.to_string());
    return std::make_error_code(failing->second);
  }
  CHECK(open_.insert(local).second);
  sockets_[{relay.allocation.index, relay.family}] = local;
  note("open " + local.to_string());
  return {};
}

void TurnBench::close_relay(turn::RelayId relay) {
  const auto found = sockets_.find({relay.allocation.index, relay.family});
  CHECK(found != sockets_.end() && open_.erase(found->second) == 1);
  note("close " + found->second.to_string());
  sockets_.erase(found);
}

bool TurnBench::can_bind(const TransportAddress& local) {
  return failing_.find(local) == failing_.end() && open_.find(local) == open_.end();
}

void TurnBench::allocation_gone(const base::FiveTuple& client) {
  note("gone " + client.client.to_string());
}

void TurnBench::on_allocation_created(const turn::Allocation& allocation, base::Now /*now*/) {
  note("created " + allocation.identity.username);
}

void TurnBench::on_allocation_ended(const turn::Allocation& allocation,
                                    turn::EndReason reason,
                                    base::Now /*now*/) {
  note("ended " + allocation.identity.username + ": " + std::string(turn::to_text(reason)));
}

void TurnBench::on_credential_refused(const base::FiveTuple& client,
                                      std::string_view username,
                                      const auth::Refusal& refusal,
                                      base::Now /*now*/) {
  note("credential of " + std::string(username) + " at " + client.client.to_string() + ": " +
       std::string(turn::to_text(refusal.reason)));
}

void TurnBench::on_request_refused(const base::FiveTuple& client,
                                   std::string_view username,
                                   stun::Method method,
                                   stun::ErrorCode code,
                                   base::Now /*now*/) {
  note("refused " + to_text(method) + " of " + std::string(username) + " at " +
       client.client.to_string() + ": " + std::to_string(static_cast<int>(code)));
}

}  // namespace support
