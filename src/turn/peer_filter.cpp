// SPDX-License-Identifier: Apache-2.0
#include "turn/peer_filter.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <array>

namespace turn {
namespace {

using base::Cidr;
using base::IpAddress;

template <std::size_t N>
std::vector<Cidr> parse_all(const std::array<const char*, N>& texts) {
  std::vector<Cidr> ranges;
  for (const char* text : texts) {
    const auto range = Cidr::parse(text);
    CHECK(range);
    ranges.push_back(*range);
  }
  return ranges;
}

constexpr unsigned kNat64PrefixBits = 96;

/// Built-in tables, parsed once.
struct Builtin {
  // IANA IPv4 Special-Purpose Address Registry, multicast and reserved space, and one public
  // platform address.
  std::vector<Cidr> ipv4 = parse_all(std::array{"0.0.0.0/8",
                                                "10.0.0.0/8",
                                                "100.64.0.0/10",
                                                "127.0.0.0/8",
                                                "169.254.0.0/16",
                                                "172.16.0.0/12",
                                                "192.0.0.0/24",
                                                "192.0.2.0/24",
                                                "192.31.196.0/24",
                                                "192.52.193.0/24",
                                                "192.88.99.0/24",
                                                "192.168.0.0/16",
                                                "192.175.48.0/24",
                                                "198.18.0.0/15",
                                                "198.51.100.0/24",
                                                "203.0.113.0/24",
                                                "224.0.0.0/4",
                                                "240.0.0.0/4",
                                                "168.63.129.16/32"});
  // Named for logs; everything outside 2000::/3 is denied whether it is named or not.
  std::vector<Cidr> ipv6 = parse_all(std::array{"::1/128",
                                                "::/128",
                                                "::ffff:0:0/96",
                                                "::ffff:0:0:0/96",
                                                "::/96",
                                                "64:ff9b::/96",
                                                "64:ff9b:1::/48",
                                                "100::/64",
                                                "100:0:0:1::/64",
                                                "2001::/23",
                                                "2001:db8::/32",
                                                "2002::/16",
                                                "2620:4f:8000::/48",
                                                "3fff::/20",
                                                "5f00::/16",
                                                "fc00::/7",
                                                "fe80::/10",
                                                "fec0::/10",
                                                "ff00::/8"});
  std::vector<Cidr> global_unicast = parse_all(std::array{"2000::/3"});
  // 0.0.0.0 is loopback on Linux; mapped, compatible and translated addresses reach IPv4 behind a
  // rule for IPv6, as do 6to4 and Teredo where a tunnel is up.
  std::vector<Cidr> never_open = parse_all(std::array{"0.0.0.0/8",
                                                      "224.0.0.0/4",
                                                      "255.255.255.255/32",
                                                      "::ffff:0:0/96",
                                                      "::ffff:0:0:0/96",
                                                      "2001::/32",
                                                      "2002::/16",
                                                      "ff00::/8"});
  std::vector<Cidr> tunnelled = parse_all(std::array{"2001::/32", "2002::/16"});
  std::vector<Cidr> ipv4_compatible = parse_all(std::array{"::/96"});
  std::vector<Cidr> loopback6 = parse_all(std::array{"::1/128"});
  std::vector<Cidr> nat64 = parse_all(std::array{"64:ff9b::/96", "64:ff9b:1::/48"});
};

const Builtin& builtin() {
  static const Builtin tables;
  return tables;
}

bool contains(const std::vector<Cidr>& ranges, const IpAddress& ip) {
  return std::any_of(
      ranges.begin(), ranges.end(), [&](const Cidr& range) { return range.contains(ip); });
}

/// IPv4-compatible addresses are ::/96, but for ::1 which an operator may open like 127.0.0.0/8.
bool is_never_open(const IpAddress& ip) {
  return contains(builtin().never_open, ip) ||
         (contains(builtin().ipv4_compatible, ip) && !contains(builtin().loopback6, ip));
}

IpAddress last_four_bytes(const IpAddress& ip) {
  return *IpAddress::from_bytes(ip.bytes().last(4));
}

/// ISATAP puts an IPv4 address behind 0000:5efe or 0200:5efe, under any prefix (RFC 5214 §6.1).
bool is_isatap(const IpAddress& ip) {
  const base::Bytes raw = ip.bytes();
  const std::uint32_t marker = base::load_u32(raw.data() + 8);
  return marker == 0x00005EFEU || marker == 0x02005EFEU;
}

const Cidr* find_special(const IpAddress& ip) {
  const std::vector<Cidr>& named = ip.is_ipv4() ? builtin().ipv4 : builtin().ipv6;
  const auto found = std::find_if(
      named.begin(), named.end(), [&](const Cidr& range) { return range.contains(ip); });
  return found == named.end() ? nullptr : &*found;
}

}  // namespace

std::optional<std::string> PeerFilter::special_purpose_range(const IpAddress& ip) {
  if (const Cidr* range = find_special(ip); range != nullptr) {
    return range->to_string();
  }
  if (ip.is_ipv4()) {
    return std::nullopt;
  }
  if (!contains(builtin().global_unicast, ip)) {
    return "outside 2000::/3";
  }
  if (is_isatap(ip) && find_special(last_four_bytes(ip)) != nullptr) {
    return "ISATAP of " + find_special(last_four_bytes(ip))->to_string();
  }
  return std::nullopt;
}

bool PeerFilter::is_tunnelled(const IpAddress& ip) {
  return contains(builtin().tunnelled, ip);
}

bool PeerFilter::can_never_open(const Cidr& range) {
  const auto holds = [&](const Cidr& never) { return never.contains(range); };
  if (std::any_of(builtin().loopback6.begin(), builtin().loopback6.end(), holds)) {
    return false;
  }
  return std::any_of(builtin().never_open.begin(), builtin().never_open.end(), holds) ||
         std::any_of(builtin().ipv4_compatible.begin(), builtin().ipv4_compatible.end(), holds);
}

bool PeerFilter::is_relay(const IpAddress& ip) const {
  return std::any_of(rules_.relay.begin(), rules_.relay.end(), [&](const RelayAddress& relay) {
    return relay.local == ip || relay.external == ip;
  });
}

bool PeerFilter::is_own(const IpAddress& ip) const {
  return is_relay(ip) || std::find(rules_.own.begin(), rules_.own.end(), ip) != rules_.own.end();
}

PeerVerdict PeerFilter::judge_foreign(const IpAddress& ip) const {
  if (is_never_open(ip)) {
    return PeerVerdict::Forbidden;
  }
  // An opened NAT64 prefix leads to IPv4: the address inside is judged by the IPv4 rules.
  if (contains(builtin().nat64, ip) && contains(rules_.allow, ip)) {
    // RFC 6052 puts it elsewhere under shorter prefixes: only a range that names all 96 bits tells
    // where it is.
    const bool is_located =
        std::any_of(rules_.allow.begin(), rules_.allow.end(), [&](const Cidr& range) {
          return range.contains(ip) && range.prefix_bits() >= kNat64PrefixBits;
        });
    if (!is_located) {
      return PeerVerdict::Forbidden;
    }
    const IpAddress inside = last_four_bytes(ip);
    return is_own(inside) || contains(rules_.deny, inside) ? PeerVerdict::Forbidden
                                                           : judge_foreign(inside);
  }
  if (contains(rules_.allow, ip)) {
    return PeerVerdict::Allowed;
  }
  // The built-in ranges behind ISATAP are seen below; these are the operator's and our own.
  if (!ip.is_ipv4() && is_isatap(ip) &&
      (is_own(last_four_bytes(ip)) || contains(rules_.deny, last_four_bytes(ip)))) {
    return PeerVerdict::Forbidden;
  }
  return is_own(ip) || special_purpose_range(ip) ? PeerVerdict::Forbidden : PeerVerdict::Allowed;
}

PeerVerdict PeerFilter::judge(const base::TransportAddress& peer) const {
  if (contains(rules_.deny, peer.ip)) {
    return PeerVerdict::Forbidden;
  }
  if (rules_.relay_ports.contains(peer.port) && is_relay(peer.ip)) {
    return PeerVerdict::OwnRelayed;
  }
  return judge_foreign(peer.ip);
}

PeerVerdict PeerFilter::judge_permission(const IpAddress& ip) const {
  if (contains(rules_.deny, ip)) {
    return PeerVerdict::Forbidden;
  }
  return is_relay(ip) ? PeerVerdict::OwnRelayed : judge_foreign(ip);
}

IpAddress PeerFilter::canonical_ip(const IpAddress& ip) const {
  for (const RelayAddress& relay : rules_.relay) {
    if (relay.local == ip) {
      return relay.external;
    }
  }
  return ip;
}

base::TransportAddress PeerFilter::canonical(const base::TransportAddress& peer) const {
  return rules_.relay_ports.contains(peer.port)
             ? base::TransportAddress{canonical_ip(peer.ip), peer.port}
             : peer;
}

}  // namespace turn
