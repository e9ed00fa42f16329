// SPDX-License-Identifier: Apache-2.0
#include "control/config_limits.hpp"
#include "control/config_readers.hpp"
#include "control/units.hpp"
#include "turn/peer_filter.hpp"

#include <algorithm>
#include <charconv>

// Keys of [listen], [relay] and [peers].

namespace control::readers {
namespace {

using base::Cidr;
using base::IpAddress;
using base::TransportAddress;

/// What to write instead of something that is no transport address.
std::string address_hint(const std::string& text) {
  if (const auto ip = IpAddress::parse(text)) {
    return ": the port is missing, write \"" + TransportAddress{*ip, 3478}.to_string() + "\"";
  }
  const std::size_t colon = text.rfind(':');
  const std::string host = text.substr(0, colon);
  if (host.empty() || host == "*") {
    const std::string port = colon == std::string::npos ? "3478" : text.substr(colon + 1);
    return ": write \"0.0.0.0:" + port + "\" for every IPv4 address, \"[::]:" + port +
           "\" for every IPv6 address";
  }
  return R"(: write an IP address and a port, such as "192.0.2.1:3478" or "[2001:db8::1]:3478")";
}

void read_listeners(const ConfigValue& value, std::vector<TransportAddress>& to) {
  to.clear();
  for (const ConfigValue& item : value.list()) {
    const auto text = item.text();
    if (!text) {
      continue;
    }
    const auto address = TransportAddress::parse(*text);
    if (!address) {
      item.error("has " + quoted(*text) + ", which is not an address with a port" +
                 address_hint(*text));
      continue;
    }
    // Port 0 is any free port: each mention is another one.
    if (address->port != 0 && std::find(to.begin(), to.end(), *address) != to.end()) {
      item.error("names " + quoted(*text) + " twice: drop one");
      continue;
    }
    to.push_back(*address);
  }
}

std::optional<IpAddress> read_relay_address(const ConfigValue& item, const std::string& text) {
  const auto ip = IpAddress::parse(text);
  if (!ip) {
    const auto with_port = TransportAddress::parse(text);
    item.error("has " + quoted(text) + ", which is not an IP address" +
               (with_port ? ": leave out the port, write \"" + with_port->ip.to_string() + "\""
                          : ": write \"auto\", or an address of this host without a port"));
    return std::nullopt;
  }
  if (ip->is_unspecified()) {
    item.error("has " + quoted(text) + ", which is no address to relay from: write \"auto\"");
    return std::nullopt;
  }
  if (turn::PeerFilter::can_never_open(Cidr::single(*ip))) {
    item.error("has " + quoted(text) + ", which cannot be an address of a host: write \"auto\"");
    return std::nullopt;
  }
  return ip;
}

/// "10.1.2.3/8" with its host bits cleared; nothing when it is not an address and a length.
std::optional<std::string> without_host_bits(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto ip = IpAddress::parse(text.substr(0, slash));
  if (!ip || slash == std::string::npos) {
    return std::nullopt;
  }
  const std::string digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size() ||
      bits > ip->bytes().size() * 8) {
    return std::nullopt;
  }
  std::vector<std::byte> raw(ip->bytes().begin(), ip->bytes().end());
  for (unsigned bit = bits; bit < raw.size() * 8; ++bit) {
    raw[bit / 8] &= ~static_cast<std::byte>(0x80U >> (bit % 8));
  }
  return IpAddress::from_bytes(raw)->to_string() + "/" + std::to_string(bits);
}

std::optional<Cidr> read_range(const ConfigValue& item) {
  const auto text = item.text();
  if (!text) {
    return std::nullopt;
  }
  const auto range = Cidr::parse(*text);
  if (!range) {
    const auto corrected = without_host_bits(*text);
    item.error("has " + quoted(*text) +
               (corrected ? ", which has bits set behind its length: write \"" + *corrected + "\""
                          : ", which is not an address range: write one such as \"10.0.0.0/8\" or "
                            "\"fc00::/7\""));
  }
  return range;
}

}  // namespace

void listen_udp(const ConfigValue& value, ConfigDraft& draft) {
  read_listeners(value, draft.config.fixed.listen_udp);
}

void listen_tcp(const ConfigValue& value, ConfigDraft& draft) {
  read_listeners(value, draft.config.fixed.listen_tcp);
}

void relay_addresses(const ConfigValue& value, ConfigDraft& draft) {
  Config::Fixed& fixed = draft.config.fixed;
  fixed.relay_auto = false;
  const auto items = value.list();
  for (const ConfigValue& item : items) {
    const auto text = item.text();
    if (!text) {
      continue;
    }
    if (*text == "auto") {
      fixed.relay_auto = true;
      continue;
    }
    const auto ip = read_relay_address(item, *text);
    if (ip && std::find(fixed.relay_addresses.begin(), fixed.relay_addresses.end(), *ip) !=
                  fixed.relay_addresses.end()) {
      item.error("names " + quoted(*text) + " twice: drop one");
    } else if (ip) {
      fixed.relay_addresses.push_back(*ip);
    }
  }
  if (items.empty() && value.is_list()) {
    value.error("is empty, so nothing could be relayed: write [\"auto\"]");
  }
}

void relay_external(const ConfigValue& value, ConfigDraft& draft) {
  auto& external_by_local = draft.config.fixed.relay_external;
  for (const auto& [key, item] : value.table()) {
    const auto text = item.text();
    const auto local = IpAddress::parse(key);
    const auto external = text ? IpAddress::parse(*text) : std::nullopt;
    if (!local || local->is_unspecified()) {
      item.error("has " + quoted(key) +
                 " on its left side, which is no address of this host: write { \"LOCAL\" = "
                 "\"EXTERNAL\" } with IP addresses");
    } else if (text && (!external || external->is_unspecified())) {
      item.error("has " + quoted(*text) +
                 " on its right side, which is not an IP address that clients could reach");
    } else if (external && external->family() != local->family()) {
      item.error("maps " + key + " to an address of another family, " + *text +
                 ": IPv4 maps to IPv4, IPv6 to IPv6");
    } else if (external &&
               std::any_of(external_by_local.begin(),
                           external_by_local.end(),
                           [&](const auto& other) { return other.second == *external; })) {
      item.error("maps two addresses to " + *text +
                 ": peers could not tell their relayed ports apart");
    } else if (external && !external_by_local.emplace(*local, *external).second) {
      item.error("maps " + local->to_string() + " twice: drop one");
    }
  }
}

void relay_ports(const ConfigValue& value, ConfigDraft& draft) {
  const auto text = value.text();
  if (!text) {
    return;
  }
  draft.relay_ports_place = value.place();
  const auto range = parse_ports(*text);
  if (!range) {
    value.error("is " + quoted(*text) +
                R"(, which is not a range of ports: write "FIRST-LAST", such as "49152-65535")");
  } else if (range->first > range->last) {
    value.error("is " + quoted(*text) + ", which runs backwards: write \"" +
                std::to_string(range->last) + "-" + std::to_string(range->first) + "\"");
  } else if (range->first < kRelayPortMin) {
    value.error("begins at " + std::to_string(range->first) + "; ports below " +
                std::to_string(kRelayPortMin) + " belong to services: write \"" +
                std::to_string(kRelayPortMin) + "-" +
                std::to_string(std::max<unsigned>(range->last, kRelayPortMin + 1U)) +
                "\" or above");
  } else if (range->first == range->last) {
    value.error(
        "is a single port; a range has at least two, since clients may ask for a pair: write such "
        "as "
        "\"49152-65535\"");
  } else {
    draft.config.fixed.relay_ports = *range;
  }
}

void peers_allow(const ConfigValue& value, ConfigDraft& draft) {
  for (const ConfigValue& item : value.list()) {
    const auto range = read_range(item);
    if (!range) {
      continue;
    }
    if (turn::PeerFilter::can_never_open(*range)) {
      item.error("has " + range->to_string() +
                 ", which no configuration opens: unspecified, multicast and broadcast addresses, "
                 "and IPv4 "
                 "addresses inside IPv6 ones, are never peers. Leave it out");
      continue;
    }
    draft.config.peers_allow.push_back(*range);
    draft.peers_allow_places.push_back(item.place());
  }
}

void peers_deny(const ConfigValue& value, ConfigDraft& draft) {
  for (const ConfigValue& item : value.list()) {
    if (const auto range = read_range(item)) {
      draft.config.peers_deny.push_back(*range);
    }
  }
}

}  // namespace control::readers
