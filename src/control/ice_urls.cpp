// SPDX-License-Identifier: Apache-2.0
#include "control/ice_urls.hpp"

#include "control/config_limits.hpp"

#include <algorithm>
#include <optional>

namespace control {
namespace {

using base::IpAddress;
using base::TransportAddress;

/// The name of this server in URLs and, when that is an address, the local one behind it.
struct Host {
  std::string name;
  std::optional<IpAddress> local;
};

std::string in_url(const IpAddress& ip) {
  return ip.is_ipv4() ? ip.to_string() : "[" + ip.to_string() + "]";
}

std::optional<Host> choose_host(const Config& config,
                                const std::vector<turn::RelayAddress>& relay) {
  const Config::Fixed& fixed = config.fixed;
  if (!config.ice.host.empty()) {
    const auto ip = IpAddress::parse(config.ice.host);
    return Host{ip ? in_url(*ip) : config.ice.host, std::nullopt};
  }
  if (!fixed.relay_external.empty()) {
    const auto& [local, external] = *fixed.relay_external.begin();
    return Host{in_url(external), local};
  }
  for (const auto* listeners : {&fixed.listen_udp, &fixed.listen_tcp}) {
    for (const TransportAddress& listener : *listeners) {
      if (!listener.ip.is_unspecified()) {
        return Host{in_url(listener.ip), listener.ip};
      }
    }
  }
  if (relay.empty()) {
    return std::nullopt;
  }
  return Host{in_url(relay.front().external), relay.front().local};
}

/// Ports of the listeners behind the host, as written, each once.
std::vector<std::uint16_t> ports_of(const std::vector<TransportAddress>& listeners,
                                    const Host& host) {
  std::vector<std::uint16_t> ports;
  for (const TransportAddress& listener : listeners) {
    const bool is_behind =
        !host.local || listener.ip == *host.local ||
        (listener.ip.is_unspecified() && listener.ip.family() == host.local->family());
    if (is_behind && listener.port != 0 &&
        std::find(ports.begin(), ports.end(), listener.port) == ports.end()) {
      ports.push_back(listener.port);
    }
  }
  return ports;
}

}  // namespace

std::vector<std::string> ice_urls(const Config& config,
                                  const std::vector<turn::RelayAddress>& relay) {
  const auto host = choose_host(config, relay);
  if (!config.ice.urls.empty() || !host) {
    return config.ice.urls;
  }
  const auto tcp = ports_of(config.fixed.listen_tcp, *host);
  auto udp = ports_of(config.fixed.listen_udp, *host);
  // One is kept for TCP, without which clients behind a firewall have nothing.
  udp.resize(std::min(udp.size(), kIceUrlsMax - (tcp.empty() ? 0U : 1U)));
  std::vector<std::string> urls;
  urls.reserve(kIceUrlsMax);
  for (const std::uint16_t port : udp) {
    urls.push_back("turn:" + host->name + ":" + std::to_string(port) + "?transport=udp");
  }
  for (const std::uint16_t port : tcp) {
    if (urls.size() < kIceUrlsMax) {
      urls.push_back("turn:" + host->name + ":" + std::to_string(port) + "?transport=tcp");
    }
  }
  return urls;
}

}  // namespace control
