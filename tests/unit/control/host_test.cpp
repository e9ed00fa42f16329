// SPDX-License-Identifier: Apache-2.0
#include "control/host.hpp"

#include "support/config_text.hpp"
#include "support/test.hpp"

#include <algorithm>

using base::IpAddress;
using control::Config;
using support::loaded_with;

namespace {

std::vector<IpAddress> addresses(const std::vector<std::string>& texts) {
  std::vector<IpAddress> ips;
  for (const std::string& text : texts) {
    ips.push_back(*IpAddress::parse(text));
  }
  return ips;
}

/// "local" or "local>external" of each relay address, or the sentence that says why there is none.
std::string relay_of(const std::string& extra, const std::vector<std::string>& own) {
  const auto relay = control::relay_addresses(loaded_with(extra).fixed, addresses(own));
  if (!relay) {
    return relay.error();
  }
  std::string text;
  for (const turn::RelayAddress& address : *relay) {
    text += (text.empty() ? "" : " ") + address.local.to_string();
    text += address.external == address.local ? "" : ">" + address.external.to_string();
  }
  return text;
}

const std::vector<std::string> kHost = {
    "127.0.0.1", "192.0.2.7", "10.0.0.5", "169.254.1.2", "::1", "2001:db8::7", "fe80::1"};

std::string listen(const std::string& udp, const std::string& tcp = "") {
  return "[listen]\nudp = [" + udp + "]\ntcp = [" + tcp + "]\n";
}

}  // namespace

TEST_GROUP(RelayAddresses) {
};

TEST(RelayAddresses, AutoBehindWildcardsIsAllButLoopbackAndLinkLocal) {
  CHECK_EQUAL(std::string("192.0.2.7 10.0.0.5 2001:db8::7"), relay_of("", kHost));
}

TEST(RelayAddresses, AWildcardOfOneFamilyServesPeersOfBoth) {
  CHECK_EQUAL(std::string("192.0.2.7 10.0.0.5 2001:db8::7"),
              relay_of(listen("\"0.0.0.0:3478\""), kHost));
  CHECK_EQUAL(std::string("192.0.2.7 10.0.0.5 2001:db8::7"),
              relay_of(listen("", "\"[::]:3478\""), kHost));
}

TEST(RelayAddresses, AutoBehindNamedListenersIsThose) {
  CHECK_EQUAL(std::string("10.0.0.5"),
              relay_of(listen("\"10.0.0.5:3478\"", "\"10.0.0.5:443\""), kHost));
  CHECK_EQUAL(std::string("127.0.0.1"), relay_of(listen("\"127.0.0.1:0\""), kHost));
  CHECK_EQUAL(std::string("10.0.0.5 2001:db8::7"),
              relay_of(listen("\"[2001:db8::7]:3478\"", "\"10.0.0.5:3478\""), kHost));
}

TEST(RelayAddresses, ANamedListenerLimitsItsFamily) {
  CHECK_EQUAL(std::string("10.0.0.5 2001:db8::7"),
              relay_of(listen("\"10.0.0.5:3478\", \"[::]:3478\""), kHost));
}

TEST(RelayAddresses, LoopbackForAProxyBesideAWildcardDoesNotRelay) {
  CHECK_EQUAL(std::string("192.0.2.7 10.0.0.5 2001:db8::7"),
              relay_of(listen("\"0.0.0.0:3478\"", "\"127.0.0.1:3479\""), kHost));
}

TEST(RelayAddresses, LoopbackIsForHostsThatHaveNothingElse) {
  CHECK_EQUAL(std::string("127.0.0.1 ::1"),
              relay_of("", {"127.0.0.1", "::1", "fe80::1", "169.254.9.9"}));
}

TEST(RelayAddresses, NothingToRelayFromIsASentence) {
  CHECK_EQUAL(std::string("no interface of this host has an address to relay from: bring the "
                          "network up, or name an "
                          "address in `relay.addresses`"),
              relay_of("", {"fe80::1"}));
}

TEST(RelayAddresses, NamedOnesMustBeOfThisHost) {
  CHECK_EQUAL(std::string("10.0.0.5"), relay_of("[relay]\naddresses = [\"10.0.0.5\"]\n", kHost));
  CHECK_EQUAL(std::string("`relay.addresses` names 192.0.2.99, which no interface of this host has "
                          "(it has 10.0.0.5, ::1)"),
              relay_of("[relay]\naddresses = [\"192.0.2.99\"]\n", {"10.0.0.5", "::1"}));
  CHECK_EQUAL(
      std::string(
          "`relay.addresses` names 192.0.2.99, which no interface of this host has (it has none)"),
      relay_of("[relay]\naddresses = [\"192.0.2.99\"]\n", {}));
}

TEST(RelayAddresses, AutoAddsToNamedOnes) {
  CHECK_EQUAL(std::string("127.0.0.1 192.0.2.7 10.0.0.5 2001:db8::7"),
              relay_of("[relay]\naddresses = [\"127.0.0.1\", \"auto\"]\n", kHost));
}

TEST(RelayAddresses, ExternalNamesBelongToRelayAddresses) {
  const std::string map = "external = { \"10.0.0.5\" = \"203.0.113.5\" }\n";
  CHECK_EQUAL(std::string("10.0.0.5>203.0.113.5"),
              relay_of("[relay]\naddresses = [\"10.0.0.5\"]\n" + map, kHost));
  CHECK_EQUAL(std::string("192.0.2.7 10.0.0.5>203.0.113.5 2001:db8::7"),
              relay_of("[relay]\n" + map, kHost));
  CHECK_EQUAL(
      std::string(
          "`relay.external` maps 10.0.0.5, which is none of the relay addresses (192.0.2.7)"),
      relay_of("[relay]\naddresses = [\"192.0.2.7\"]\n" + map, kHost));
  CHECK_EQUAL(std::string("`relay.external` gives two relay addresses the name 10.0.0.5: peers "
                          "could not tell their ports "
                          "apart"),
              relay_of("[relay]\nexternal = { \"192.0.2.7\" = \"10.0.0.5\" }\n", kHost));
}

TEST_GROUP(Host) {
};

TEST(Host, InterfacesHaveLoopback) {
  const auto own = control::interface_addresses();
  CHECK_TRUE(std::any_of(own.begin(), own.end(), [](const IpAddress& ip) {
    return ip.to_string() == "127.0.0.1" || ip.to_string() == "::1";
  }));
}

TEST(Host, TheSnapshotHoldsWhatTheConfigurationSays) {
  const Config config = loaded_with(
      "[peers]\nallow = [\"192.168.0.0/16\"]\ndeny = "
      "[\"198.41.0.4\"]\n[limits]\nallocations_per_user = 3\n"
      "[relay]\nports = \"20000-20001\"\n[[auth.user]]\nname = \"alice\"\npassword = \"x\"\n");
  const std::vector<turn::RelayAddress> relay = {
      {*IpAddress::parse("10.0.0.5"), *IpAddress::parse("203.0.113.5")}};
  const auto snapshot =
      control::make_snapshot(config, addresses({"10.0.0.5", "193.0.14.129"}), relay, 7);
  CHECK_EQUAL(std::uint64_t{7}, snapshot->generation);
  CHECK_EQUAL(3U, snapshot->policy.allocations_per_user);
  CHECK_EQUAL(std::string("example.org"), snapshot->credentials.realm());
  CHECK_EQUAL(1U, snapshot->credentials.secrets().size());
  CHECK_TRUE(snapshot->credentials.find_user("alice") != nullptr);
  const auto judged = [&](const char* text) {
    return snapshot->peers.judge(*base::TransportAddress::parse(text));
  };
  CHECK_EQUAL(turn::PeerVerdict::Allowed, judged("192.168.1.1:9"));
  CHECK_EQUAL(turn::PeerVerdict::Allowed, judged("192.5.5.241:9"));
  CHECK_EQUAL(turn::PeerVerdict::Forbidden, judged("10.1.1.1:9"));
  CHECK_EQUAL(turn::PeerVerdict::Forbidden, judged("198.41.0.4:9"));
  CHECK_EQUAL(turn::PeerVerdict::Forbidden, judged("193.0.14.129:9"));
  CHECK_EQUAL(turn::PeerVerdict::OwnRelayed, judged("203.0.113.5:20000"));
}
