// SPDX-License-Identifier: Apache-2.0
#include "stun/attributes.hpp"
#include "turn/allocate_demand.hpp"

// Allocate: RFC 8656 §7.2, its steps in its order. Step 1, authentication, is done when these
// begin.

namespace turn {

using stun::AttributeType;
using stun::ErrorCode;

namespace {

constexpr std::uint8_t kProtocolUdp = 17;
constexpr std::optional<std::uint8_t> kFamilyIpv4 = static_cast<std::uint8_t>(base::Family::IPv4);
constexpr std::optional<std::uint8_t> kFamilyIpv6 = static_cast<std::uint8_t>(base::Family::IPv6);

/// Step 3: the transport towards peers.
base::Result<void, ErrorCode> check_transport(const stun::MessageView& message) {
  const auto transport = message.find(AttributeType::RequestedTransport);
  const auto protocol = transport ? stun::parse_protocol(*transport) : std::nullopt;
  if (!protocol) {
    return base::failure(ErrorCode::BadRequest);
  }
  if (*protocol != kProtocolUdp) {
    return base::failure(ErrorCode::UnsupportedTransportProtocol);
  }
  return {};
}

/// Step 8: an even port, perhaps with its neighbour, which does not go with two families.
base::Result<PortDemand, ErrorCode> read_port_demand(const stun::MessageView& message,
                                                     bool has_additional_family) {
  const auto even_port = message.find(AttributeType::EvenPort);
  if (!even_port) {
    return PortDemand::Any;
  }
  const auto reserves_next = stun::parse_even_port(*even_port);
  if (!reserves_next || (*reserves_next && has_additional_family)) {
    return base::failure(ErrorCode::BadRequest);
  }
  return *reserves_next ? PortDemand::EvenAndReserveNext : PortDemand::Even;
}

void write_allocate_answer(const Allocation& allocation, stun::MessageBuilder& answer) {
  for (const auto& relay : allocation.relays) {
    if (relay) {
      answer.add_xor_address(AttributeType::XorRelayedAddress, relay->external);
    }
  }
  answer.add_xor_address(AttributeType::XorMappedAddress, allocation.five_tuple.client);
  answer.add_u32(AttributeType::Lifetime,
                 static_cast<std::uint32_t>(allocation.answer.lifetime.count()));
  if (allocation.answer.token) {
    answer.add(AttributeType::ReservationToken, *allocation.answer.token);
  }
  if (allocation.answer.address_error) {
    answer.add_address_error(allocation.answer.address_error->first,
                             allocation.answer.address_error->second);
  }
}

}  // namespace

Server::Handled Server::handle_allocate(Request& request, stun::MessageBuilder& answer) {
  // Step 2: the 5-tuple must be free, unless this is the request that took it, come again.
  if (request.allocation != nullptr) {
    const Allocation& allocation = *request.allocation;
    if (allocation.answer.transaction_id != request.message.transaction_id() ||
        allocation.identity.username != request.authenticated->identity.username) {
      return base::failure(ErrorCode::AllocationMismatch);
    }
    write_allocate_answer(allocation, answer);
    return {};
  }
  // §21.4: whoever comes out of a tunnel could have packets go round through it.
  if (PeerFilter::is_tunnelled(request.from.client.ip)) {
    return base::failure(ErrorCode::Forbidden);
  }
  auto demand = read_demand(request);
  if (!demand) {
    return base::failure(demand.error());
  }
  if (const Handled created = create_allocation(*demand, request); !created) {
    return created;
  }
  write_allocate_answer(*request.allocation, answer);
  return {};
}

base::Result<Server::AllocateDemand, ErrorCode> Server::read_demand(const Request& request) const {
  const stun::MessageView& message = request.message;
  AllocateDemand demand;
  if (const Handled udp = check_transport(message); !udp) {
    return base::failure(udp.error());
  }
  // Step 4: DONT-FRAGMENT is supported.
  const auto token = message.find(AttributeType::ReservationToken);
  const auto even_port = message.find(AttributeType::EvenPort);
  const auto family = message.find(AttributeType::RequestedAddressFamily);
  const auto additional = message.find(AttributeType::AdditionalAddressFamily);
  // Step 5: a reserved port excludes every other wish about the address. Step 6: families are named
  // in one way.
  if ((token && (even_port || family || additional)) || (family && additional)) {
    return base::failure(ErrorCode::BadRequest);
  }
  if (token) {
    if (token->size() != sizeof(ReservationToken)) {
      return base::failure(ErrorCode::BadRequest);
    }
    demand.token.emplace();
    base::copy_bytes(*demand.token, *token);
  }
  // Step 7: the address family, IPv4 unless named. A reserved port has the one it has.
  const auto asked_family = family ? stun::parse_family(*family) : kFamilyIpv4;
  if (!asked_family) {
    return base::failure(ErrorCode::BadRequest);
  }
  demand.ipv4 = asked_family == kFamilyIpv4;
  demand.ipv6 = asked_family == kFamilyIpv6;
  const bool is_supported = (demand.ipv4 && supports(base::Family::IPv4)) ||
                            (demand.ipv6 && supports(base::Family::IPv6));
  if (!token && !is_supported) {
    return base::failure(ErrorCode::AddressFamilyNotSupported);
  }
  const auto port = read_port_demand(message, additional.has_value());
  if (!port) {
    return base::failure(port.error());
  }
  demand.port = *port;
  // Step 9: both families; the attribute can only name IPv6 (§18.11).
  if (additional) {
    if (stun::parse_family(*additional) != kFamilyIpv6) {
      return base::failure(ErrorCode::BadRequest);
    }
    demand.ipv6 = true;
    demand.is_dual = true;
  }
  const auto lifetime = desired_lifetime(request);
  if (!lifetime) {
    return base::failure(lifetime.error());
  }
  demand.lifetime = *lifetime;
  return demand;
}

Server::Handled Server::create_allocation(AllocateDemand& demand, Request& request) {
  const auth::Identity& identity = request.authenticated->identity;
  // Step 10: a reservation already counts as one of the user's allocations, and is taken in
  // open_relays().
  if (!demand.token) {
    switch (shared_.quota.take(
        identity.user, snapshot_->policy.allocations_per_user, snapshot_->policy.allocations)) {
      case QuotaGate::Verdict::Granted:
        break;
      case QuotaGate::Verdict::UserLimit:
        return base::failure(ErrorCode::AllocationQuotaReached);
      case QuotaGate::Verdict::ServerLimit:
        return base::failure(ErrorCode::InsufficientCapacity);
    }
  }
  Allocation fresh;
  fresh.five_tuple = request.from;
  fresh.identity = identity;
  fresh.snapshot_generation = snapshot_->generation;
  fresh.created = request.now.monotonic;
  fresh.next_wake = base::Instant::max();
  fresh.answer.transaction_id = request.message.transaction_id();
  fresh.answer.lifetime = demand.lifetime;
  const AllocationId id = table_.add(std::move(fresh));

  if (const Handled opened = open_relays(id, demand, request); !opened) {
    for (const base::Family family : {base::Family::IPv4, base::Family::IPv6}) {
      remove_relay(id, family);
    }
    table_.remove(id);
    return opened;
  }
  request.allocation_id = id;
  request.allocation = table_.get(id);
  wake_at(id, request.allocation->next_expiry());
  counters_.allocations_created.add();
  counters_.allocations_live.add();
  shared_.audit.on_allocation_created(*request.allocation, request.now);
  return {};
}

}  // namespace turn
