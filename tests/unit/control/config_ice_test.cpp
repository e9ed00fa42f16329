// SPDX-License-Identifier: Apache-2.0
#include "support/config_text.hpp"
#include "support/test.hpp"

using support::config_with;
using support::loaded_with;
using support::problems_of;

TEST_GROUP(ConfigIce) {
  static std::string with_url(const std::string& url) {
    return "[ice]\nurls = [\"" + url + "\"]\n";
  }
};

TEST(ConfigIce, HostsAreNamesOrAddresses) {
  for (const char* host : {"turn.example.org",
                           "localhost",
                           "192.0.2.1",
                           "2001:db8::1",
                           "xn--bcher-kva.example",
                           "a.b.",
                           ""}) {
    CHECK_EQUAL(std::string(host),
                loaded_with("[ice]\nhost = \"" + std::string(host) + "\"\n").ice.host);
  }
  ONLY_PROBLEM(
      "6:8: error: `ice.host` is `turn.example.org:3478`: leave out the port and brackets, the "
      "ports come from "
      "[listen]",
      "[ice]\nhost = \"turn.example.org:3478\"\n");
  ONLY_PROBLEM(
      "6:8: error: `ice.host` is `[2001:db8::1]`: leave out the port and brackets, the ports come "
      "from [listen]",
      "[ice]\nhost = \"[2001:db8::1]\"\n");
  for (const char* host : {"turn example",
                           "https://x",
                           ".x",
                           "-x",
                           "x-",
                           "a..b",
                           "b\xC3\xBC"
                           "cher",
                           "a_b",
                           "x/y"}) {
    ONLY_PROBLEM(
        "6:8: error: `ice.host` is `" + std::string(host) +
            "`, which is neither a host name nor an IP address: write such as \"turn.example.org\"",
        "[ice]\nhost = \"" + std::string(host) + "\"\n");
  }
}

TEST(ConfigIce, UrlsThatBrowsersTake) {
  for (const char* url : {"stun:turn.example.org",
                          "stun:192.0.2.1:3478",
                          "stuns:turn.example.org:5349",
                          "turn:turn.example.org",
                          "turn:turn.example.org:3478",
                          "turn:turn.example.org:3478?transport=udp",
                          "turn:[2001:db8::1]:3478?transport=tcp",
                          "turns:turn.example.org:443?transport=tcp",
                          "turn:[::1]"}) {
    CHECK_EQUAL("", problems_of(config_with(with_url(url))));
    CHECK_EQUAL(std::string(url), loaded_with(with_url(url)).ice.urls.at(0));
  }
}

TEST(ConfigIce, UrlsThatBrowsersThrowOn) {
  const auto wrong = [](const std::string& url, const std::string& why) {
    CHECK_EQUAL("f.toml:6:9: error: `ice.urls` has `" + url + "`, which " + why + "\n",
                problems_of(config_with(with_url(url))));
  };
  for (const char* url : {"", "turn", "turn.example.org:3478", "http://x", "TURN:x"}) {
    wrong(url, "begins with none of stun:, stuns:, turn: and turns:");
  }
  wrong("turn://x",
        "has // behind its scheme: leave them out, as in \"turn:turn.example.org:3478\"");
  for (const char* url : {"turn:",
                          "turn:a b",
                          "turn:x:0",
                          "turn:x:65536",
                          "turn:x:",
                          "turn:2001:db8::1",
                          "turn:[192.0.2.1]",
                          "turn:[::1",
                          "turn:[::1]x",
                          "turn:u@x",
                          "turn:x/y",
                          "turn:[::1]:"}) {
    wrong(url,
          "does not name a host, and maybe a port, as in \"turn:turn.example.org:3478\" or "
          "\"turn:[2001:db8::1]:3478\"");
  }
  wrong("stun:x?transport=udp",
        "has a query, which stun: URLs may not have: cut it at the question mark");
  for (const char* url : {"turn:x?transport=tls", "turn:x?", "turn:x?transport=udp&a=b"}) {
    wrong(url,
          "may end only with ?transport=udp or ?transport=tcp; for TLS write turns: and "
          "?transport=tcp");
  }
}

TEST(ConfigIce, DtlsUrlsAreAWarning) {
  ONLY_PROBLEM(
      "6:9: warning: `ice.urls` has `turns:x?transport=udp`: browsers do not speak TURN over DTLS "
      "and fall back "
      "to TLS or nothing",
      with_url("turns:x?transport=udp"));
}

TEST(ConfigIce, AtMostFourDifferentUrls) {
  ONLY_PROBLEM(
      "6:8: error: `ice.urls` has 5 URLs, at most 4: each one costs every client an allocation and "
      "time",
      "[ice]\nurls = [\"turn:a\", \"turn:b\", \"turn:c\", \"turn:d\", \"turn:e\"]\n");
  ONLY_PROBLEM("6:19: error: `ice.urls` names `turn:a` twice: drop one",
               "[ice]\nurls = [\"turn:a\", \"turn:a\"]\n");
}

TEST(ConfigIce, TimeToLive) {
  CHECK_EQUAL(300, loaded_with("[ice]\nttl = \"5m\"\n").ice.ttl.count());
  ONLY_PROBLEM("6:7: error: `ice.ttl` must be between 5m and 1d; this is 299s",
               "[ice]\nttl = \"299s\"\n");
  ONLY_PROBLEM("6:7: error: `ice.ttl` must be between 5m and 1d; this is 25h",
               "[ice]\nttl = \"25h\"\n");
}
