// SPDX-License-Identifier: Apache-2.0
#include "turn/relay_ports.hpp"

#include "base/check.hpp"

#include <cstring>

namespace turn {
namespace {

std::uint64_t key_of(const ReservationToken& token) {
  std::uint64_t key = 0;
  std::memcpy(&key, token.data(), sizeof key);
  return key;
}

}  // namespace

RelayPorts::RelayPorts(std::vector<RelayAddress> addresses, PortRange range)
    : addresses_(std::move(addresses)), range_(range) {
  CHECK(range.first <= range.last);
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    tables_.push_back(std::make_unique<std::atomic<std::uint8_t>[]>(size()));
  }
}

std::size_t RelayPorts::capacity() const {
  return addresses_.size() * size();
}

bool RelayPorts::try_claim(std::size_t address_index, std::uint16_t port, WorkerIndex worker) {
  std::uint8_t expected = kFree;
  if (!slot(address_index, port)
           .compare_exchange_strong(
               expected, static_cast<std::uint8_t>(worker + 1U), std::memory_order_acq_rel)) {
    return false;
  }
  in_use_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

std::optional<std::uint16_t> RelayPorts::claim(std::size_t address_index,
                                               Parity parity,
                                               WorkerIndex worker,
                                               base::RandomSource& random) {
  // From a random port on, so that ports cannot be guessed and a nearly full range is still
  // searched to its end.
  const unsigned start = random.below(size());
  for (unsigned step = 0; step < size(); ++step) {
    const auto port = static_cast<std::uint16_t>(range_.first + (start + step) % size());
    if ((parity == Parity::Any || port % 2 == 0) && try_claim(address_index, port, worker)) {
      return port;
    }
  }
  return std::nullopt;
}

std::optional<std::uint16_t> RelayPorts::claim_pair(std::size_t address_index,
                                                    WorkerIndex worker,
                                                    base::RandomSource& random) {
  const unsigned start = random.below(size());
  for (unsigned step = 0; step < size(); ++step) {
    const auto port = static_cast<std::uint16_t>(range_.first + (start + step) % size());
    if (port % 2 != 0 || port == range_.last || !try_claim(address_index, port, worker)) {
      continue;
    }
    if (try_claim(address_index, static_cast<std::uint16_t>(port + 1), worker)) {
      return port;
    }
    release(address_index, port);
  }
  return std::nullopt;
}

void RelayPorts::release(std::size_t address_index, std::uint16_t port) {
  const std::uint8_t before = slot(address_index, port).exchange(kFree, std::memory_order_acq_rel);
  CHECK(before != kFree);
  in_use_.fetch_sub(1, std::memory_order_relaxed);
}

void RelayPorts::assign(std::size_t address_index, std::uint16_t port, WorkerIndex worker) {
  const std::uint8_t before =
      slot(address_index, port)
          .exchange(static_cast<std::uint8_t>(worker + 1U), std::memory_order_acq_rel);
  CHECK(before != kFree);
}

std::optional<WorkerIndex> RelayPorts::owner(const base::TransportAddress& relayed) const {
  if (!range_.contains(relayed.port)) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    if (addresses_[i].external == relayed.ip || addresses_[i].local == relayed.ip) {
      const std::uint8_t owner = slot(i, relayed.port).load(std::memory_order_acquire);
      if (owner != kFree) {
        return static_cast<WorkerIndex>(owner - 1U);
      }
    }
  }
  return std::nullopt;
}

void RelayPorts::reserve(const ReservationToken& token, Reservation reservation) {
  reservations_.with(
      [&](auto& all) { all.insert_or_assign(key_of(token), std::move(reservation)); });
}

std::optional<RelayPorts::Reservation> RelayPorts::take_reservation(const ReservationToken& token,
                                                                    const std::string& user,
                                                                    base::Instant now) {
  return reservations_.with([&](auto& all) -> std::optional<Reservation> {
    const auto found = all.find(key_of(token));
    if (found == all.end() || found->second.user != user || found->second.expires <= now) {
      return std::nullopt;
    }
    Reservation taken = std::move(found->second);
    all.erase(found);
    return taken;
  });
}

std::optional<RelayPorts::Reservation> RelayPorts::expire_reservation(const ReservationToken& token,
                                                                      base::Instant now) {
  return reservations_.with([&](auto& all) -> std::optional<Reservation> {
    const auto found = all.find(key_of(token));
    if (found == all.end() || found->second.expires > now) {
      return std::nullopt;
    }
    Reservation expired = std::move(found->second);
    all.erase(found);
    return expired;
  });
}

}  // namespace turn
