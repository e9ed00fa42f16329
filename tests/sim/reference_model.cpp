// SPDX-License-Identifier: Apache-2.0
#include "sim/reference_model.hpp"

#include <algorithm>

namespace sim {

using base::Family;
using base::FiveTuple;
using base::IpAddress;
using base::TransportAddress;
using std::chrono::seconds;

namespace {

constexpr seconds kDefaultLifetime{600};
constexpr seconds kPermissionLasts{300};
constexpr seconds kChannelLasts{600};

/// Empty when the answer has the code that it must have.
std::string must_be(int code, const Answer& answer) {
  return answer.code == code
             ? std::string()
             : "answered " + std::to_string(answer.code) + ", expected " + std::to_string(code);
}

std::int64_t whole_seconds(base::Instant moment) {
  return std::chrono::duration_cast<seconds>(moment.time_since_epoch()).count();
}

}  // namespace

void ReferenceModel::advance(base::Instant now) {
  std::erase_if(reservations_, [&](const auto& entry) { return entry.second.expires <= now; });
  for (auto& [five_tuple, allocation] : allocations_) {
    for (const Family family : {Family::IPv4, Family::IPv6}) {
      const auto found = allocation.relayed.find(family);
      if (found != allocation.relayed.end() && found->second.expires <= now) {
        drop_family(allocation, family);
      }
    }
    std::erase_if(allocation.permissions, [&](const auto& entry) { return entry.second <= now; });
    std::erase_if(allocation.channels,
                  [&](const auto& entry) { return entry.second.expires <= now; });
  }
  std::erase_if(allocations_, [](const auto& entry) { return entry.second.relayed.empty(); });
}

void ReferenceModel::drop_family(Allocation& allocation, Family family) {
  allocation.relayed.erase(family);
  std::erase_if(allocation.permissions,
                [&](const auto& entry) { return entry.first.family() == family; });
  std::erase_if(allocation.channels,
                [&](const auto& entry) { return entry.second.peer.ip.family() == family; });
}

ReferenceModel::Verdict ReferenceModel::judge_ip(const IpAddress& ip) const {
  if (ip == world_.relay_ipv4 || ip == world_.relay_ipv6) {
    return Verdict::Own;
  }
  const std::string text = ip.to_string();
  const bool is_special = text.starts_with("127.") || text.starts_with("10.") || text == "::1";
  return is_special || (is_denied_ && text.starts_with(kDeniable)) ? Verdict::Forbidden
                                                                   : Verdict::Allowed;
}

ReferenceModel::Verdict ReferenceModel::judge(const TransportAddress& peer) const {
  const Verdict verdict = judge_ip(peer.ip);
  return verdict == Verdict::Own && !world_.relay_ports.contains(peer.port) ? Verdict::Forbidden
                                                                            : verdict;
}

void ReferenceModel::set_denied(bool denied) {
  is_denied_ = denied;
  for (auto& [five_tuple, allocation] : allocations_) {
    std::erase_if(allocation.permissions,
                  [&](const auto& entry) { return judge_ip(entry.first) == Verdict::Forbidden; });
    std::erase_if(allocation.channels, [&](const auto& entry) {
      return judge(entry.second.peer) == Verdict::Forbidden;
    });
  }
}

std::string ReferenceModel::to_peer(const FiveTuple& client, const TransportAddress& peer) const {
  const auto found = allocations_.find(client);
  if (found == allocations_.end() || found->second.relayed.count(peer.ip.family()) == 0 ||
      found->second.permissions.count(peer.ip) == 0 || judge(peer) == Verdict::Forbidden) {
    return "-";
  }
  return judge(peer) == Verdict::Own ? "inside" : "out";
}

std::optional<TransportAddress> ReferenceModel::channel_peer(const FiveTuple& client,
                                                             std::uint16_t number) const {
  const auto found = allocations_.find(client);
  if (found == allocations_.end()) {
    return std::nullopt;
  }
  const auto channel = found->second.channels.find(number);
  if (channel == found->second.channels.end() || to_peer(client, channel->second.peer) == "-") {
    return std::nullopt;
  }
  return channel->second.peer;
}

std::string ReferenceModel::to_client(const FiveTuple& client, const TransportAddress& peer) const {
  const auto found = allocations_.find(client);
  if (found == allocations_.end() || found->second.permissions.count(peer.ip) == 0) {
    return "-";
  }
  for (const auto& [number, channel] : found->second.channels) {
    if (channel.peer == peer) {
      return "channel " + std::to_string(number);
    }
  }
  return "indication";
}

std::optional<FiveTuple> ReferenceModel::owner_of(const TransportAddress& relayed) const {
  for (const auto& [five_tuple, allocation] : allocations_) {
    for (const auto& [family, own] : allocation.relayed) {
      if (own.address == relayed) {
        return five_tuple;
      }
    }
  }
  return std::nullopt;
}

bool ReferenceModel::is_free(const TransportAddress& address) const {
  return !owner_of(address) &&
         std::none_of(reservations_.begin(), reservations_.end(), [&](const auto& entry) {
           return entry.second.address == address;
         });
}

bool ReferenceModel::has_room(Family family, PortWish wish) const {
  const turn::PortRange& range = world_.relay_ports;
  for (unsigned port = range.first; port <= range.last; ++port) {
    const auto free = [&](unsigned number) {
      return number <= range.last &&
             is_free({relay_ip(family), static_cast<std::uint16_t>(number)});
    };
    const bool parity_fits = wish == PortWish::Any || port % 2 == 0;
    if (parity_fits && free(port) && (wish != PortWish::EvenAndReserveNext || free(port + 1))) {
      return true;
    }
  }
  return false;
}

std::uint32_t ReferenceModel::held_by(const std::string& user) const {
  const auto allocations =
      std::count_if(allocations_.begin(), allocations_.end(), [&](const auto& entry) {
        return entry.second.account.user == user;
      });
  const auto reservations =
      std::count_if(reservations_.begin(), reservations_.end(), [&](const auto& entry) {
        return entry.second.user == user;
      });
  return static_cast<std::uint32_t>(allocations + reservations);
}

std::uint32_t ReferenceModel::lifetime_of(const Ask& ask) const {
  const auto longest = static_cast<std::uint32_t>(world_.policy.lifetime_max.count());
  const auto shortest = static_cast<std::uint32_t>(kDefaultLifetime.count());
  return ask.lifetime ? std::max(std::min(*ask.lifetime, longest), shortest) : shortest;
}

int ReferenceModel::authentication_error(const Ask& ask,
                                         const FiveTuple& from,
                                         base::Now now) const {
  if (!ask.is_signed || !ask.has_right_password) {
    return 401;
  }
  const auto found = allocations_.find(from);
  const bool has_allocation =
      found != allocations_.end() && found->second.account.username == ask.account.username;
  if (ask.account.expiry && *ask.account.expiry <= now.wall && !has_allocation) {
    return 401;
  }
  const auto age = whole_seconds(now.monotonic) - whole_seconds(ask.nonce_made);
  return ask.nonce_for == from.client && age <= world_.policy.nonce_lifetime.count() ? 0 : 438;
}

std::string ReferenceModel::on_answer(
    const Ask& ask, const FiveTuple& from, const Answer& answer, bool binds_failed, base::Now now) {
  if (const int refused = authentication_error(ask, from, now); refused != 0) {
    return answer.nonce ? must_be(refused, answer) : "a challenge without a nonce";
  }
  if (!answer.has_right_integrity) {
    return "an authenticated request was answered without integrity";
  }
  if (ask.method == stun::Method::Allocate) {
    return allocate(ask, from, answer, binds_failed, now.monotonic);
  }
  const auto found = allocations_.find(from);
  if (found == allocations_.end()) {
    return must_be(437, answer);
  }
  if (found->second.account.username != ask.account.username) {
    return must_be(441, answer);
  }
  switch (ask.method) {
    case stun::Method::Refresh:
      return refresh(ask, from, answer, now.monotonic);
    case stun::Method::CreatePermission:
      return permit(ask, found->second, answer, now.monotonic);
    default:
      return bind(ask, found->second, answer, now.monotonic);
  }
}

std::string ReferenceModel::refresh(const Ask& ask,
                                    const FiveTuple& from,
                                    const Answer& answer,
                                    base::Instant now) {
  Allocation& allocation = allocations_.at(from);
  std::set<Family> families;
  for (const auto& [family, relayed] : allocation.relayed) {
    if (!ask.family || *ask.family == static_cast<std::uint8_t>(family)) {
      families.insert(family);
    }
  }
  if (families.empty()) {
    return must_be(443, answer);
  }
  const std::uint32_t lifetime = ask.lifetime == 0U ? 0 : lifetime_of(ask);
  for (const Family family : families) {
    if (lifetime == 0) {
      drop_family(allocation, family);
    } else {
      allocation.relayed.at(family).expires = now + seconds{lifetime};
    }
  }
  if (allocation.relayed.empty()) {
    allocations_.erase(from);
  }
  return answer.lifetime == lifetime ? must_be(0, answer)
                                     : "a Refresh was answered with another lifetime";
}

int ReferenceModel::permission_error(const Ask& ask, const Allocation& allocation) const {
  const auto any = [&](const auto& condition) {
    return std::any_of(ask.peers.begin(), ask.peers.end(), condition);
  };
  if (ask.peers.empty()) {
    return 400;
  }
  if (any([&](const TransportAddress& peer) {
        return allocation.relayed.count(peer.ip.family()) == 0;
      })) {
    return 443;
  }
  if (any([&](const TransportAddress& peer) { return judge_ip(peer.ip) == Verdict::Forbidden; })) {
    return 403;
  }
  std::set<IpAddress> all;
  for (const auto& [ip, expires] : allocation.permissions) {
    all.insert(ip);
  }
  for (const TransportAddress& peer : ask.peers) {
    all.insert(peer.ip);
  }
  return all.size() > world_.policy.permissions_per_allocation ? 508 : 0;
}

std::string ReferenceModel::permit(const Ask& ask,
                                   Allocation& allocation,
                                   const Answer& answer,
                                   base::Instant now) {
  const int code = permission_error(ask, allocation);
  if (code == 0) {
    for (const TransportAddress& peer : ask.peers) {
      allocation.permissions[peer.ip] = now + kPermissionLasts;
    }
  }
  return must_be(code, answer);
}

int ReferenceModel::channel_error(const Ask& ask, const Allocation& allocation) const {
  if (ask.peers.empty() || ask.channel_number < 0x4000 || ask.channel_number > 0x4FFF) {
    return 400;
  }
  const TransportAddress& peer = ask.peers.front();
  for (const auto& [number, channel] : allocation.channels) {
    if ((number == ask.channel_number) != (channel.peer == peer)) {
      return 400;
    }
  }
  if (allocation.relayed.count(peer.ip.family()) == 0) {
    return 443;
  }
  if (judge(peer) == Verdict::Forbidden) {
    return 403;
  }
  const bool is_new_channel = allocation.channels.count(ask.channel_number) == 0;
  const bool is_new_permission = allocation.permissions.count(peer.ip) == 0;
  const bool is_full =
      (is_new_channel && allocation.channels.size() >= world_.policy.channels_per_allocation) ||
      (is_new_permission &&
       allocation.permissions.size() >= world_.policy.permissions_per_allocation);
  return is_full ? 508 : 0;
}

std::string ReferenceModel::bind(const Ask& ask,
                                 Allocation& allocation,
                                 const Answer& answer,
                                 base::Instant now) {
  const int code = channel_error(ask, allocation);
  if (code == 0) {
    allocation.channels[ask.channel_number] = {ask.peers.front(), now + kChannelLasts};
    allocation.permissions[ask.peers.front().ip] = now + kPermissionLasts;
  }
  return must_be(code, answer);
}

}  // namespace sim
