// SPDX-License-Identifier: Apache-2.0
#include "support/config_text.hpp"
#include "support/test.hpp"

using support::config_with;
using support::loaded_with;
using support::problems_of;

// Keys of [listen], [relay] and [peers].

TEST_GROUP(ConfigListen) {
};

TEST(ConfigListen, AddressesHaveAPort) {
  const std::string at = "6:8: error: `listen.udp` has ";
  ONLY_PROBLEM(at + "`127.0.0.1`, which is not an address with a port: the port is missing, write "
                    "\"127.0.0.1:3478\"",
               "[listen]\nudp = [\"127.0.0.1\"]\n");
  ONLY_PROBLEM(at +
                   "`2001:db8::1`, which is not an address with a port: the port is missing, write "
                   "\"[2001:db8::1]:3478\"",
               "[listen]\nudp = [\"2001:db8::1\"]\n");
  ONLY_PROBLEM(at + "`:3478`, which is not an address with a port: write \"0.0.0.0:3478\" for "
                    "every IPv4 address, "
                    "\"[::]:3478\" for every IPv6 address",
               "[listen]\nudp = [\":3478\"]\n");
  ONLY_PROBLEM(at + "`*:99`, which is not an address with a port: write \"0.0.0.0:99\" for every "
                    "IPv4 address, "
                    "\"[::]:99\" for every IPv6 address",
               "[listen]\nudp = [\"*:99\"]\n");
  for (const char* text : {"",
                           "localhost:3478",
                           "127.0.0.1:65536",
                           "127.0.0.1:",
                           "[::1:3478",
                           "127.0.0.1:3478 ",
                           "[127.0.0.1]:1"}) {
    const std::string found =
        problems_of(config_with("[listen]\ntcp = [\"" + std::string(text) + "\"]\n"));
    CHECK_TRUE_TEXT(found.starts_with("f.toml:6:8: error: `listen.tcp` has `" + std::string(text) +
                                      "`, which is not an address with a port: write "),
                    found.c_str());
  }
}

TEST(ConfigListen, EveryBadAddressIsReported) {
  const std::string found =
      problems_of(config_with("[listen]\nudp = [\n  \"x\",\n  \"127.0.0.1:1\",\n  \"y\",\n]\n"));
  CHECK_TRUE(found.find("f.toml:7:3: error: ") == 0);
  CHECK_TRUE(found.find("\nf.toml:9:3: error: ") != std::string::npos);
}

TEST(ConfigListen, TheSameAddressTwiceIsAnError) {
  ONLY_PROBLEM("6:26: error: `listen.udp` names `127.0.0.1:3478` twice: drop one",
               "[listen]\nudp = [\"127.0.0.1:3478\", \"127.0.0.1:3478\"]\n");
}

TEST(ConfigListen, PortZeroMayStandSeveralTimes) {
  CHECK_EQUAL(
      2U,
      loaded_with("[listen]\nudp = [\"127.0.0.1:0\", \"127.0.0.1:0\"]\n").fixed.listen_udp.size());
}

TEST(ConfigListen, OneOfUdpAndTcpIsNeeded) {
  CHECK_TRUE(loaded_with("[listen]\nudp = []\n").fixed.listen_udp.empty());
  CHECK_EQUAL(std::string("f.toml: error: `listen.udp` and `listen.tcp` are both empty, so nothing "
                          "would be served: write "
                          "such as udp = [\"0.0.0.0:3478\"] under [listen]\n"),
              problems_of(config_with("[listen]\nudp = []\ntcp = []\n")));
}

TEST_GROUP(ConfigRelay) {
};

TEST(ConfigRelay, AddressesOfThisHostOrAuto) {
  const auto fixed = loaded_with("[relay]\naddresses = [\"192.0.2.1\", \"2001:db8::1\"]\n").fixed;
  CHECK_FALSE(fixed.relay_auto);
  CHECK_EQUAL(2U, fixed.relay_addresses.size());
  const std::string at = "6:14: error: `relay.addresses` has ";
  ONLY_PROBLEM(
      at + "`192.0.2.1:3478`, which is not an IP address: leave out the port, write \"192.0.2.1\"",
      "[relay]\naddresses = [\"192.0.2.1:3478\"]\n");
  ONLY_PROBLEM(at + "`Auto`, which is not an IP address: write \"auto\", or an address of this "
                    "host without a port",
               "[relay]\naddresses = [\"Auto\"]\n");
  ONLY_PROBLEM(at + "`0.0.0.0`, which is no address to relay from: write \"auto\"",
               "[relay]\naddresses = [\"0.0.0.0\"]\n");
  ONLY_PROBLEM(at + "`::`, which is no address to relay from: write \"auto\"",
               "[relay]\naddresses = [\"::\"]\n");
  ONLY_PROBLEM(at + "`224.0.0.1`, which cannot be an address of a host: write \"auto\"",
               "[relay]\naddresses = [\"224.0.0.1\"]\n");
  ONLY_PROBLEM("6:27: error: `relay.addresses` names `192.0.2.1` twice: drop one",
               "[relay]\naddresses = [\"192.0.2.1\", \"192.0.2.1\"]\n");
  ONLY_PROBLEM(
      "6:13: error: `relay.addresses` is empty, so nothing could be relayed: write [\"auto\"]",
      "[relay]\naddresses = []\n");
}

TEST(ConfigRelay, ExternalMapsLocalToExternalAddresses) {
  const std::string at = "error: `relay.external` ";
  ONLY_PROBLEM(
      "6:20: " + at +
          "has `x` on its left side, which is no address of this host: write { \"LOCAL\" = "
          "\"EXTERNAL\" } with IP addresses",
      "[relay]\nexternal = { \"x\" = \"203.0.113.5\" }\n");
  ONLY_PROBLEM("6:27: " + at +
                   "has `x` on its right side, which is not an IP address that clients could reach",
               "[relay]\nexternal = { \"10.0.0.5\" = \"x\" }\n");
  ONLY_PROBLEM(
      "6:27: " + at +
          "has `0.0.0.0` on its right side, which is not an IP address that clients could reach",
      "[relay]\nexternal = { \"10.0.0.5\" = \"0.0.0.0\" }\n");
  ONLY_PROBLEM(
      "6:27: " + at +
          "maps 10.0.0.5 to an address of another family, 2001:db8::1: IPv4 maps to IPv4, IPv6 to "
          "IPv6",
      "[relay]\nexternal = { \"10.0.0.5\" = \"2001:db8::1\" }\n");
  ONLY_PROBLEM(
      "6:55: " + at +
          "maps two addresses to 203.0.113.5: peers could not tell their relayed ports apart",
      "[relay]\nexternal = { \"10.0.0.5\" = \"203.0.113.5\", \"10.0.0.6\" = \"203.0.113.5\" }\n");
  ONLY_PROBLEM("6:46: " + at + "maps ::1 twice: drop one",
               "[relay]\nexternal = { \"::1\" = \"2001:db8::1\", \"0::1\" = \"2001:db8::2\" }\n");
  ONLY_PROBLEM(
      "6:27: " + at.substr(0, 7) + "`relay.external` must be a text in quotes: write \"5\"",
      "[relay]\nexternal = { \"10.0.0.5\" = 5 }\n");
}

TEST(ConfigRelay, PortsAreARangeAbove1024) {
  CHECK_TRUE(loaded_with("[relay]\nports = \"1024-1025\"\n").fixed.relay_ports ==
             (turn::PortRange{1024, 1025}));
  const std::string at = "6:9: error: `relay.ports` ";
  ONLY_PROBLEM(
      at +
          "is `5000`, which is not a range of ports: write \"FIRST-LAST\", such as \"49152-65535\"",
      "[relay]\nports = \"5000\"\n");
  ONLY_PROBLEM(at + "is `5000-65536`, which is not a range of ports: write \"FIRST-LAST\", such as "
                    "\"49152-65535\"",
               "[relay]\nports = \"5000-65536\"\n");
  ONLY_PROBLEM(at + "is `6000-5000`, which runs backwards: write \"5000-6000\"",
               "[relay]\nports = \"6000-5000\"\n");
  ONLY_PROBLEM(
      at + "begins at 1023; ports below 1024 belong to services: write \"1024-5000\" or above",
      "[relay]\nports = \"1023-5000\"\n");
  ONLY_PROBLEM(
      at + "begins at 1; ports below 1024 belong to services: write \"1024-1025\" or above",
      "[relay]\nports = \"1-2\"\n");
  ONLY_PROBLEM(at + "is a single port; a range has at least two, since clients may ask for a pair: "
                    "write such as "
                    "\"49152-65535\"",
               "[relay]\nports = \"5000-5000\"\n");
}

TEST(ConfigRelay, AListenerAmongTheRelayedPortsIsAWarning) {
  ONLY_PROBLEM(
      "6:9: warning: `relay.ports` holds port 3478 of `listen.udp`, which cannot be relayed from "
      "then",
      "[relay]\nports = \"1024-65535\"\n[listen]\nudp = [\"0.0.0.0:3478\"]\n");
  CHECK_EQUAL("", problems_of(config_with("[listen]\nudp = [\"0.0.0.0:0\"]\n")));
}

TEST_GROUP(ConfigPeers) {
};

TEST(ConfigPeers, RangesHaveNoBitsBehindTheirLength) {
  const std::string at = "6:10: error: `peers.allow` has ";
  ONLY_PROBLEM(at + "`10.1.2.3/8`, which has bits set behind its length: write \"10.0.0.0/8\"",
               "[peers]\nallow = [\"10.1.2.3/8\"]\n");
  ONLY_PROBLEM(at + "`fd00::1/8`, which has bits set behind its length: write \"fd00::/8\"",
               "[peers]\nallow = [\"fd00::1/8\"]\n");
  ONLY_PROBLEM(
      at + "`10.255.255.255/31`, which has bits set behind its length: write \"10.255.255.254/31\"",
      "[peers]\nallow = [\"10.255.255.255/31\"]\n");
  for (const char* text :
       {"", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "host", "/8"}) {
    ONLY_PROBLEM(
        "6:9: error: `peers.deny` has `" + std::string(text) +
            "`, which is not an address range: write one such as \"10.0.0.0/8\" or \"fc00::/7\"",
        "[peers]\ndeny = [\"" + std::string(text) + "\"]\n");
  }
}

TEST(ConfigPeers, EachOpenedRangeIsAWarning) {
  CHECK_EQUAL(std::string("f.toml:6:10: warning: `peers.allow` opens 127.0.0.0/8: whoever has a "
                          "credential reaches what is "
                          "there through this server\n"
                          "f.toml:6:25: warning: `peers.allow` opens ::1/128: whoever has a "
                          "credential reaches what is "
                          "there through this server\n"),
              problems_of(config_with("[peers]\nallow = [\"127.0.0.0/8\", \"::1\"]\n")));
}

TEST(ConfigPeers, SomeRangesNeverOpen) {
  for (const char* text : {"0.0.0.0/8",
                           "224.0.0.0/4",
                           "239.1.2.3/32",
                           "255.255.255.255/32",
                           "::ffff:0.0.0.0/96",
                           "ff00::/8",
                           "2002::/16",
                           "2001::/32",
                           "::/128"}) {
    ONLY_PROBLEM("6:10: error: `peers.allow` has " + std::string(text) +
                     ", which no configuration opens: unspecified, multicast and broadcast "
                     "addresses, and IPv4 "
                     "addresses inside IPv6 ones, are never peers. Leave it out",
                 "[peers]\nallow = [\"" + std::string(text) + "\"]\n");
  }
}

TEST(ConfigPeers, WhatIsDeniedCannotBeOpened) {
  ONLY_PROBLEM("6:10: warning: `peers.allow` has 10.1.0.0/16, which `peers.deny` closes again",
               "[peers]\nallow = [\"10.1.0.0/16\"]\ndeny = [\"10.0.0.0/8\"]\n");
}
