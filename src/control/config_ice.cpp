// SPDX-License-Identifier: Apache-2.0
#include "base/address.hpp"
#include "control/config_limits.hpp"
#include "control/config_readers.hpp"

#include <algorithm>
#include <charconv>

// Keys of [ice] that name hosts and URLs.

namespace control::readers {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A DNS name in letters, digits, hyphens and dots (RFC 1123 §2.1), or an IPv4 address.
bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.front() == '.' || text.front() == '-' ||
      text.back() == '-' || text.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.';
  });
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

/// "host", "host:port", "[IPv6]" or "[IPv6]:port" of a URL.
bool is_host_and_port(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) {
      return false;
    }
    const auto ip = base::IpAddress::parse(text.substr(1, bracket - 1));
    const std::string_view rest = text.substr(bracket + 1);
    return ip && !ip->is_ipv4() &&
           (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1))));
  }
  const std::size_t colon = text.find(':');
  return is_host_name(text.substr(0, colon)) &&
         (colon == std::string_view::npos || is_port(text.substr(colon + 1)));
}

/// What is wrong with an ICE server URL (RFC 7064, RFC 7065, and what browsers throw on); "" when
/// nothing is.
std::string wrong_with_url(std::string_view url) {
  const std::size_t colon = url.find(':');
  const std::string_view scheme = url.substr(0, colon);
  const bool is_stun = scheme == "stun" || scheme == "stuns";
  const bool is_turn = scheme == "turn" || scheme == "turns";
  if (colon == std::string_view::npos || (!is_stun && !is_turn)) {
    return "begins with none of stun:, stuns:, turn: and turns:";
  }
  std::string_view rest = url.substr(colon + 1);
  if (rest.starts_with("//")) {
    return "has // behind its scheme: leave them out, as in \"turn:turn.example.org:3478\"";
  }
  const std::size_t question = rest.find('?');
  if (!is_host_and_port(rest.substr(0, question))) {
    return "does not name a host, and maybe a port, as in \"turn:turn.example.org:3478\" or "
           "\"turn:[2001:db8::1]:3478\"";
  }
  if (question == std::string_view::npos) {
    return "";
  }
  const std::string_view query = rest.substr(question);
  if (is_stun) {
    return "has a query, which stun: URLs may not have: cut it at the question mark";
  }
  return query == "?transport=udp" || query == "?transport=tcp"
             ? ""
             : "may end only with ?transport=udp or ?transport=tcp; for TLS write turns: and "
               "?transport=tcp";
}

}  // namespace

void ice_host(const ConfigValue& value, ConfigDraft& draft) {
  const auto text = value.text();
  if (!text) {
    return;
  }
  if (text->empty() || is_host_name(*text) || base::IpAddress::parse(*text)) {
    draft.config.ice.host = *text;
  } else if (is_host_and_port(*text)) {
    value.error("is " + quoted(*text) +
                ": leave out the port and brackets, the ports come from [listen]");
  } else {
    value.error(
        "is " + quoted(*text) +
        ", which is neither a host name nor an IP address: write such as \"turn.example.org\"");
  }
}

void ice_urls(const ConfigValue& value, ConfigDraft& draft) {
  std::vector<std::string>& urls = draft.config.ice.urls;
  for (const ConfigValue& item : value.list()) {
    const auto url = item.text();
    if (!url) {
      continue;
    }
    const std::string wrong = wrong_with_url(*url);
    if (!wrong.empty()) {
      item.error("has " + quoted(*url) + ", which " + wrong);
    } else if (std::find(urls.begin(), urls.end(), *url) != urls.end()) {
      item.error("names " + quoted(*url) + " twice: drop one");
    } else {
      urls.push_back(*url);
      if (url->starts_with("turns:") && url->ends_with("=udp")) {
        item.warn("has " + quoted(*url) +
                  ": browsers do not speak TURN over DTLS and fall back to TLS or nothing");
      }
    }
  }
  if (urls.size() > kIceUrlsMax) {
    value.error("has " + std::to_string(urls.size()) + " URLs, at most " +
                std::to_string(kIceUrlsMax) +
                ": each one costs every client an allocation and time");
  }
}

}  // namespace control::readers
