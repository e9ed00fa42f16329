// SPDX-License-Identifier: Apache-2.0
// A configuration and, behind a NUL, lines of environment: either problems or a configuration that
// keeps its promises.
#include "base/check.hpp"
#include "control/config.hpp"
#include "control/host.hpp"
#include "control/ice_urls.hpp"
#include "control/text_rules.hpp"

namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

void check_problems(const control::LoadedConfig& loaded) {
  bool has_errors = false;
  for (const control::ConfigProblem& problem : loaded.problems) {
    has_errors = has_errors || !problem.is_warning;
    CHECK(!problem.text.empty());
    CHECK((problem.line == 0) == (problem.column == 0));
    CHECK(!problem.file.empty() || problem.line == 0);
  }
  CHECK(loaded.config.has_value() != has_errors);
}

void check_config(const control::Config& config) {
  const control::Config::Fixed& fixed = config.fixed;
  CHECK(!config.realm.empty() && control::is_utf8(config.realm));
  CHECK(!fixed.listen_udp.empty() || !fixed.listen_tcp.empty());
  CHECK(fixed.relay_auto || !fixed.relay_addresses.empty());
  CHECK(fixed.relay_ports.first >= 1024 && fixed.relay_ports.first < fixed.relay_ports.last);
  CHECK(!config.secrets.empty() || !config.users.empty());
  for (const auth::SharedSecret& secret : config.secrets) {
    CHECK(!secret.id.empty() && !secret.value.empty());
  }
  const std::vector<base::IpAddress> own = {*base::IpAddress::parse("192.0.2.1"),
                                            *base::IpAddress::parse("::1")};
  const auto relay = control::relay_addresses(fixed, own);
  if (relay) {
    CHECK(!relay->empty());
    CHECK(control::ice_urls(config, *relay).size() <= 4);
    CHECK(control::make_snapshot(config, own, *relay, 1)->credentials.realm() == config.realm);
  } else {
    CHECK(!relay.error().empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = base::text_of(std::as_bytes(std::span(data, size)));
  const std::size_t nul = input.find('\0');
  const auto environment =
      nul == std::string_view::npos ? std::vector<std::string>() : lines_of(input.substr(nul + 1));
  const auto loaded = control::parse_config(input.substr(0, nul), "fuzz.toml", environment, "");
  check_problems(loaded);
  if (loaded.config) {
    check_config(*loaded.config);
  }
  return 0;
}
