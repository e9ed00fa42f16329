// SPDX-License-Identifier: Apache-2.0
#include "base/check.hpp"
#include "turn/allocate_demand.hpp"

#include <algorithm>

// Finding and opening relayed transport addresses: the second half of RFC 8656 §7.2.

namespace turn {

using stun::ErrorCode;

bool Server::supports(base::Family family) const {
  const auto& addresses = shared_.ports.addresses();
  return std::any_of(addresses.begin(), addresses.end(), [&](const RelayAddress& address) {
    return address.local.family() == family;
  });
}

std::size_t Server::choose_address(base::Family family, const base::IpAddress& server) {
  // The address that the client reached, when it relays: what works one way most likely works the
  // other.
  const auto& addresses = shared_.ports.addresses();
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (addresses[i].local.family() != family) {
      continue;
    }
    if (addresses[i].local == server) {
      return i;
    }
    candidates.push_back(i);
  }
  CHECK(!candidates.empty());
  return candidates[random_.below(static_cast<std::uint32_t>(candidates.size()))];
}

Server::Handled Server::open_relays(AllocationId id,
                                    AllocateDemand& demand,
                                    const Request& request) {
  const std::string& user = request.authenticated->identity.user;
  const base::Instant expires = request.now.monotonic + demand.lifetime;
  if (demand.token) {
    // Step 5: the token must be known, unexpired and of this user.
    auto reservation = shared_.ports.take_reservation(*demand.token, user, request.now.monotonic);
    if (!reservation) {
      return base::failure(ErrorCode::InsufficientCapacity);
    }
    shared_.ports.assign(reservation->address_index, reservation->port, worker_);
    if (try_relay(id, reservation->address_index, reservation->port, expires)) {
      shared_.ports.release(reservation->address_index, reservation->port);
      shared_.quota.give_back(user);
      return base::failure(ErrorCode::InsufficientCapacity);
    }
    return {};
  }
  Handled result = {};
  if (demand.ipv4) {
    result = open_family(id, base::Family::IPv4, demand, request);
  }
  if (demand.ipv6 && (result || demand.is_dual)) {
    const Handled ipv6 = open_family(id, base::Family::IPv6, demand, request);
    if (demand.is_dual && result.has_value() != ipv6.has_value()) {
      // Step 9: half of what was asked for, and why.
      table_.get(id)->answer.address_error = result ? std::pair(base::Family::IPv6, ipv6.error())
                                                    : std::pair(base::Family::IPv4, result.error());
      return {};
    }
    result = demand.is_dual && !ipv6 ? base::failure(ErrorCode::InsufficientCapacity) : ipv6;
  }
  if (result && demand.port == PortDemand::EvenAndReserveNext) {
    result = reserve_next(id, request);
  }
  if (!result) {
    shared_.quota.give_back(user);
  }
  return result;
}

Server::Handled Server::open_family(AllocationId id,
                                    base::Family family,
                                    const AllocateDemand& demand,
                                    const Request& request) {
  if (!supports(family)) {
    return base::failure(ErrorCode::AddressFamilyNotSupported);
  }
  const base::Instant expires = request.now.monotonic + demand.lifetime;
  const std::size_t address = choose_address(family, request.from.server.ip);
  const bool pair = demand.port == PortDemand::EvenAndReserveNext;
  const auto parity =
      demand.port == PortDemand::Any ? RelayPorts::Parity::Any : RelayPorts::Parity::Even;
  // Ports that somebody else holds stay claimed meanwhile: each attempt meets another one.
  std::vector<std::uint16_t> taken;
  bool is_open = false;
  while (!is_open && taken.size() < kBindAttemptsMax) {
    const auto port = pair ? shared_.ports.claim_pair(address, worker_, random_)
                           : shared_.ports.claim(address, parity, worker_, random_);
    if (!port) {
      break;
    }
    const auto next = static_cast<std::uint16_t>(*port + 1);
    const bool next_is_free =
        !pair || outputs_.can_bind({shared_.ports.addresses()[address].local, next});
    const std::error_code error = next_is_free ? try_relay(id, address, *port, expires)
                                               : std::make_error_code(std::errc::address_in_use);
    is_open = !error;
    if (error) {
      taken.push_back(*port);
    }
    // Another port helps only when this one is somebody else's.
    if (error && error != std::errc::address_in_use && error != std::errc::permission_denied) {
      break;
    }
  }
  for (const std::uint16_t port : taken) {
    shared_.ports.release(address, port);
    if (pair) {
      shared_.ports.release(address, static_cast<std::uint16_t>(port + 1));
    }
  }
  return is_open ? Handled() : base::failure(ErrorCode::InsufficientCapacity);
}

std::error_code Server::try_relay(AllocationId id,
                                  std::size_t address_index,
                                  std::uint16_t port,
                                  base::Instant expires) {
  const RelayAddress& address = shared_.ports.addresses()[address_index];
  const base::Family family = address.local.family();
  const base::TransportAddress local{address.local, port};
  if (const std::error_code error = outputs_.open_relay({id, family}, local)) {
    return error;
  }
  table_.get(id)->relays[index_of(family)] =
      Relay{address_index, local, {address.external, port}, expires};
  table_.index_relay(id, family);
  return {};
}

Server::Handled Server::reserve_next(AllocationId id, const Request& request) {
  const std::string& user = request.authenticated->identity.user;
  Allocation& allocation = *table_.get(id);
  const Relay& relay = allocation.relays[0] ? *allocation.relays[0] : *allocation.relays[1];
  const auto next = static_cast<std::uint16_t>(relay.local.port + 1);
  // A reservation holds a port as an allocation does, so it counts as one: else EVEN-PORT drains
  // the pool.
  if (shared_.quota.take(user,
                         snapshot_->policy.allocations_per_user,
                         snapshot_->policy.allocations) != QuotaGate::Verdict::Granted) {
    shared_.ports.release(relay.address_index, next);
    return base::failure(ErrorCode::AllocationQuotaReached);
  }
  ReservationToken token{};
  random_.fill(token);
  const base::Instant expires = request.now.monotonic + kReservationLifetime;
  shared_.ports.reserve(token, {relay.address_index, next, user, expires});
  push_deadline(expires, {DeadlineKind::Reservation, {}, token});
  allocation.answer.token = token;
  return {};
}

}  // namespace turn
