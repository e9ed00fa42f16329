// SPDX-License-Identifier: Apache-2.0
#include "turn/allocation.hpp"

#include <algorithm>

namespace turn {

void Allocation::install_permission(const base::IpAddress& ip,
                                    bool is_own_relay,
                                    base::Instant expires) {
  if (Permission* found = find_permission(ip); found != nullptr) {
    found->expires = expires;
    found->is_own_relay = is_own_relay;
    return;
  }
  permissions.add({ip, expires, is_own_relay});
  for (Channel& channel : channels.entries()) {
    channel.is_permitted = channel.is_permitted || channel.peer.ip == ip;
  }
}

void Allocation::update_permitted() {
  for (Channel& channel : channels.entries()) {
    channel.is_permitted = find_permission(channel.peer.ip) != nullptr;
  }
}

void Allocation::expire_entries(base::Instant now) {
  channels.remove_if([&](const Channel& channel) { return channel.expires <= now; });
  if (permissions.remove_if(
          [&](const Permission& permission) { return permission.expires <= now; }) != 0) {
    update_permitted();
  }
}

base::Instant Allocation::next_expiry() const {
  base::Instant next = base::Instant::max();
  for (const auto& relay : relays) {
    next = relay ? std::min(next, relay->expires) : next;
  }
  for (const Permission& permission : permissions.entries()) {
    next = std::min(next, permission.expires);
  }
  for (const Channel& channel : channels.entries()) {
    next = std::min(next, channel.expires);
  }
  return next;
}

void Allocation::forget_family(base::Family family) {
  permissions.remove_if(
      [&](const Permission& permission) { return permission.ip.family() == family; });
  channels.remove_if([&](const Channel& channel) { return channel.peer.ip.family() == family; });
}

}  // namespace turn
