// SPDX-License-Identifier: Apache-2.0
#include "sim/reference_model.hpp"

#include <algorithm>

// Allocate, RFC 8656 §7.2, as the reference model sees it.

namespace sim {

using base::Family;
using base::FiveTuple;
using base::TransportAddress;
using std::chrono::seconds;

namespace {

constexpr std::uint8_t kUdp = 17;
constexpr seconds kReservationLasts{31};

std::set<Family> wanted_families(const Ask& ask) {
  if (ask.wants_both_families) {
    return {Family::IPv4, Family::IPv6};
  }
  return {ask.family == static_cast<std::uint8_t>(Family::IPv6) ? Family::IPv6 : Family::IPv4};
}

std::string expected_one_of(std::initializer_list<int> codes, const Answer& answer) {
  std::string text;
  for (const int code : codes) {
    if (answer.code == code) {
      return {};
    }
    text += " " + std::to_string(code);
  }
  return "an Allocate was answered " + std::to_string(answer.code) + ", expected one of" + text;
}

}  // namespace

int ReferenceModel::allocate_error(const Ask& ask) const {
  if (ask.protocol != kUdp) {
    return 442;
  }
  if (ask.token && (ask.port_wish != PortWish::Any || ask.family || ask.wants_both_families)) {
    return 400;
  }
  if (ask.family && ask.wants_both_families) {
    return 400;
  }
  if (ask.family && *ask.family != 1 && *ask.family != 2) {
    return 440;
  }
  return ask.port_wish == PortWish::EvenAndReserveNext && ask.wants_both_families ? 400 : 0;
}

std::string ReferenceModel::allocate(const Ask& ask,
                                     const FiveTuple& from,
                                     const Answer& answer,
                                     bool binds_failed,
                                     base::Instant now) {
  if (const auto found = allocations_.find(from); found != allocations_.end()) {
    const Allocation& allocation = found->second;
    if (allocation.id != ask.id || allocation.account.username != ask.account.username) {
      return expected_one_of({437}, answer);
    }
    std::vector<TransportAddress> relayed;
    for (const auto& [family, own] : allocation.relayed) {
      relayed.push_back(own.address);
    }
    const bool is_same = answer.code == 0 && answer.relayed == relayed &&
                         answer.lifetime == allocation.answer.lifetime &&
                         answer.token == allocation.answer.token &&
                         answer.missing_family == allocation.answer.missing_family;
    return is_same ? std::string() : "a retransmitted Allocate was answered differently";
  }
  if (const int code = allocate_error(ask); code != 0) {
    return expected_one_of({code}, answer);
  }
  if (ask.token) {
    return allocate_reserved(ask, from, answer, binds_failed, now);
  }
  const std::uint32_t limit = world_.policy.allocations_per_user;
  const std::uint32_t held = held_by(ask.account.user);
  if (held >= limit) {
    return expected_one_of({486}, answer);
  }
  std::size_t rooms = 0;
  for (const Family family : wanted_families(ask)) {
    rooms += has_room(family, ask.port_wish) ? 1U : 0U;
  }
  const bool may_succeed = ask.wants_both_families ? rooms > 0 : rooms == 1;
  const bool may_reserve = ask.port_wish != PortWish::EvenAndReserveNext || held + 1 < limit;
  const int best = !may_succeed ? 508 : may_reserve ? 0 : 486;
  if (const std::string wrong =
          binds_failed ? expected_one_of({best, 508}, answer) : expected_one_of({best}, answer);
      !wrong.empty()) {
    return wrong;
  }
  if (answer.code != 0) {
    return {};
  }
  if (!binds_failed && answer.relayed.size() != rooms) {
    return "a family is missing though it had room";
  }
  return record(ask, from, answer, now);
}

std::string ReferenceModel::allocate_reserved(const Ask& ask,
                                              const FiveTuple& from,
                                              const Answer& answer,
                                              bool binds_failed,
                                              base::Instant now) {
  const auto found = reservations_.find(*ask.token);
  if (found == reservations_.end() || found->second.user != ask.account.user) {
    return expected_one_of({508}, answer);
  }
  const TransportAddress reserved = found->second.address;
  reservations_.erase(found);
  if (binds_failed) {
    return expected_one_of({508}, answer);
  }
  if (answer.code != 0 || answer.relayed != std::vector{reserved}) {
    return "a token did not give the reserved address " + reserved.to_string();
  }
  return record(ask, from, answer, now);
}

std::string ReferenceModel::record(const Ask& ask,
                                   const FiveTuple& from,
                                   const Answer& answer,
                                   base::Instant now) {
  Allocation allocation{ask.account, ask.id, answer, {}, {}, {}};
  for (const TransportAddress& address : answer.relayed) {
    const Family family = address.ip.family();
    const bool parity_fits = ask.port_wish == PortWish::Any || address.port % 2 == 0;
    if (address.ip != relay_ip(family) || !world_.relay_ports.contains(address.port) ||
        !parity_fits || !is_free(address)) {
      return "relayed address " + address.to_string() + " is not one that was free and asked for";
    }
    allocation.relayed[family] = {address, now + seconds{lifetime_of(ask)}};
  }
  if (allocation.relayed.size() != answer.relayed.size() || answer.lifetime != lifetime_of(ask)) {
    return "an Allocate was answered with addresses or a lifetime that do not fit";
  }
  const bool is_half = ask.wants_both_families && answer.relayed.size() == 1;
  if (is_half != answer.missing_family.has_value() ||
      (is_half && allocation.relayed.count(*answer.missing_family) != 0)) {
    return "ADDRESS-ERROR-CODE does not say which family is missing";
  }
  if (answer.token.has_value() != (ask.port_wish == PortWish::EvenAndReserveNext)) {
    return "a token where none was asked for, or none where one was";
  }
  allocations_[from] = allocation;
  if (answer.token) {
    TransportAddress next = answer.relayed.front();
    ++next.port;
    if (!is_free(next) ||
        !reservations_
             .emplace(*answer.token, Reservation{next, ask.account.user, now + kReservationLasts})
             .second) {
      return "the reserved address " + next.to_string() + " was not free";
    }
  }
  return {};
}

}  // namespace sim
