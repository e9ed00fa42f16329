// SPDX-License-Identifier: Apache-2.0
#include "control/host.hpp"

#include <algorithm>

#include <ifaddrs.h>
#include <net/if.h>

namespace control {
namespace {

using base::Family;
using base::IpAddress;
using Addresses = std::vector<IpAddress>;

void add_once(Addresses& to, const IpAddress& ip) {
  if (std::find(to.begin(), to.end(), ip) == to.end()) {
    to.push_back(ip);
  }
}

bool is_in(const Addresses& addresses, const IpAddress& ip) {
  return std::find(addresses.begin(), addresses.end(), ip) != addresses.end();
}

bool is_loopback(const IpAddress& ip) {
  static const auto ipv4 = base::Cidr::parse("127.0.0.0/8");
  static const auto ipv6 = base::Cidr::parse("::1/128");
  return ipv4->contains(ip) || ipv6->contains(ip);
}

bool is_link_local(const IpAddress& ip) {
  static const auto ipv4 = base::Cidr::parse("169.254.0.0/16");
  static const auto ipv6 = base::Cidr::parse("fe80::/10");
  return ipv4->contains(ip) || ipv6->contains(ip);
}

/// Addresses of one family that the listeners name, and whether one of them listens on every
/// address.
struct Listened {
  Addresses named;
  bool is_wildcard = false;
};

Listened listened(const Config::Fixed& fixed, Family family) {
  Listened result;
  for (const auto* listeners : {&fixed.listen_udp, &fixed.listen_tcp}) {
    for (const base::TransportAddress& address : *listeners) {
      if (address.ip.family() != family) {
        continue;
      }
      if (address.ip.is_unspecified()) {
        result.is_wildcard = true;
      } else {
        add_once(result.named, address.ip);
      }
    }
  }
  return result;
}

Addresses automatic(const Config::Fixed& fixed, const Addresses& own) {
  const Listened ipv4 = listened(fixed, Family::IPv4);
  const Listened ipv6 = listened(fixed, Family::IPv6);
  const bool any_wildcard = ipv4.is_wildcard || ipv6.is_wildcard;
  Addresses chosen;
  Addresses loopback;
  for (const Listened* family : {&ipv4, &ipv6}) {
    const Family wanted = family == &ipv4 ? Family::IPv4 : Family::IPv6;
    const bool takes_all = family->is_wildcard || (any_wildcard && family->named.empty());
    for (const IpAddress& ip : family->named) {
      // Beside a wildcard, a listener on loopback is for a proxy, and peers do not live there.
      add_once(takes_all && is_loopback(ip) ? loopback : chosen, ip);
    }
    for (const IpAddress& ip : own) {
      if (takes_all && ip.family() == wanted && !is_link_local(ip)) {
        add_once(is_loopback(ip) ? loopback : chosen, ip);
      }
    }
  }
  return chosen.empty() ? loopback : chosen;
}

std::string list_of(const Addresses& addresses) {
  std::string text;
  for (const IpAddress& ip : addresses) {
    text += (text.empty() ? "" : ", ") + ip.to_string();
  }
  return text.empty() ? "none" : text;
}

}  // namespace

Addresses interface_addresses() {
  Addresses addresses;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) {
    return addresses;
  }
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || (entry->ifa_flags & IFF_UP) == 0) {
      continue;
    }
    if (const auto address = base::TransportAddress::from_sockaddr(entry->ifa_addr)) {
      add_once(addresses, address->ip);
    }
  }
  return addresses;
}

base::Result<std::vector<turn::RelayAddress>, std::string> relay_addresses(
    const Config::Fixed& fixed, const Addresses& own) {
  for (const IpAddress& ip : fixed.relay_addresses) {
    if (!is_in(own, ip)) {
      return base::failure("`relay.addresses` names " + ip.to_string() +
                           ", which no interface of this host has (it has " + list_of(own) + ")");
    }
  }
  Addresses locals = fixed.relay_addresses;
  if (fixed.relay_auto) {
    for (const IpAddress& ip : automatic(fixed, own)) {
      add_once(locals, ip);
    }
  }
  if (locals.empty()) {
    return base::failure(std::string(
        "no interface of this host has an address to relay from: bring the network up, or "
        "name an address in `relay.addresses`"));
  }
  for (const auto& [local, external] : fixed.relay_external) {
    if (!is_in(locals, local)) {
      return base::failure("`relay.external` maps " + local.to_string() +
                           ", which is none of the relay addresses (" + list_of(locals) + ")");
    }
  }
  std::vector<turn::RelayAddress> relay;
  for (const IpAddress& local : locals) {
    const auto mapped = fixed.relay_external.find(local);
    const IpAddress& external = mapped == fixed.relay_external.end() ? local : mapped->second;
    if (std::any_of(relay.begin(), relay.end(), [&](const turn::RelayAddress& other) {
          return other.external == external;
        })) {
      return base::failure("`relay.external` gives two relay addresses the name " +
                           external.to_string() + ": peers could not tell their ports apart");
    }
    relay.push_back({local, external});
  }
  return relay;
}

std::shared_ptr<const turn::Snapshot> make_snapshot(const Config& config,
                                                    const Addresses& own,
                                                    const std::vector<turn::RelayAddress>& relay,
                                                    std::uint64_t generation) {
  turn::PeerFilter::Rules rules{
      config.peers_allow, config.peers_deny, own, relay, config.fixed.relay_ports};
  return std::make_shared<const turn::Snapshot>(
      turn::Snapshot{config.policy,
                     auth::Credentials(config.realm, config.users, config.secrets),
                     turn::PeerFilter(std::move(rules)),
                     generation});
}

}  // namespace control
