// SPDX-License-Identifier: Apache-2.0
#include "control/ice_urls.hpp"

#include "support/config_text.hpp"
#include "support/test.hpp"

namespace {

std::string urls_of(const std::string& extra, const std::string& relay = "192.0.2.7") {
  std::vector<turn::RelayAddress> addresses;
  if (!relay.empty()) {
    addresses.push_back({*base::IpAddress::parse(relay), *base::IpAddress::parse(relay)});
  }
  std::string text;
  for (const std::string& url : control::ice_urls(support::loaded_with(extra), addresses)) {
    text += (text.empty() ? "" : " ") + url;
  }
  return text;
}

}  // namespace

TEST_GROUP(IceUrls) {
};

TEST(IceUrls, OfWildcardListenersNameTheRelayAddress) {
  CHECK_EQUAL(std::string("turn:192.0.2.7:3478?transport=udp turn:192.0.2.7:3478?transport=tcp"),
              urls_of(""));
  CHECK_EQUAL(
      std::string("turn:[2001:db8::7]:3478?transport=udp turn:[2001:db8::7]:3478?transport=tcp"),
      urls_of("", "2001:db8::7"));
  CHECK_EQUAL(std::string(), urls_of("", ""));
}

TEST(IceUrls, NameTheHostThatIsConfigured) {
  CHECK_EQUAL(
      std::string(
          "turn:turn.example.org:3478?transport=udp turn:turn.example.org:3478?transport=tcp"),
      urls_of("[ice]\nhost = \"turn.example.org\"\n", ""));
  CHECK_EQUAL(
      std::string("turn:[2001:db8::1]:3478?transport=udp turn:[2001:db8::1]:3478?transport=tcp"),
      urls_of("[ice]\nhost = \"2001:db8::1\"\n", ""));
}

TEST(IceUrls, NameTheExternalAddressBeforeAListener) {
  CHECK_EQUAL(std::string("turn:203.0.113.5:3478?transport=udp"),
              urls_of("[listen]\nudp = [\"127.0.0.1:1\", \"10.0.0.5:3478\"]\ntcp = "
                      "[]\n[relay]\nexternal = { \"10.0.0.5\" = "
                      "\"203.0.113.5\" }\n"));
  CHECK_EQUAL(std::string("turn:10.0.0.5:3478?transport=udp turn:10.0.0.5:443?transport=tcp"),
              urls_of("[listen]\nudp = [\"0.0.0.0:3478\"]\ntcp = [\"10.0.0.5:443\"]\n"));
}

TEST(IceUrls, LeaveOutListenersThatTheHostIsNot) {
  CHECK_EQUAL(
      std::string("turn:10.0.0.5:1?transport=udp turn:10.0.0.5:3?transport=udp "
                  "turn:10.0.0.5:5?transport=tcp"),
      urls_of("[listen]\nudp = [\"10.0.0.5:1\", \"127.0.0.1:2\", \"0.0.0.0:3\", \"[::]:4\"]\ntcp = "
              "[\"0.0.0.0:5\", \"[::]:6\"]\n"));
}

TEST(IceUrls, AreAtMostFourAndOneIsTcp) {
  const std::string host = "[ice]\nhost = \"h\"\n[listen]\n";
  const std::string five =
      "[\"0.0.0.0:1\", \"0.0.0.0:2\", \"0.0.0.0:3\", \"0.0.0.0:4\", \"0.0.0.0:5\"]\n";
  const std::string udp = "turn:h:1?transport=udp turn:h:2?transport=udp turn:h:3?transport=udp ";
  CHECK_EQUAL(udp + "turn:h:1?transport=tcp", urls_of(host + "udp = " + five + "tcp = " + five));
  CHECK_EQUAL(udp + "turn:h:4?transport=udp", urls_of(host + "udp = " + five + "tcp = []\n"));
}

TEST(IceUrls, HaveNoPortZeroAndNoPortTwice) {
  CHECK_EQUAL(std::string("turn:h:7?transport=tcp"),
              urls_of("[ice]\nhost = \"h\"\n[listen]\nudp = [\"0.0.0.0:0\"]\ntcp = [\"0.0.0.0:7\", "
                      "\"[::]:7\"]\n"));
}

TEST(IceUrls, ThatAreConfiguredStandAsTheyAre) {
  CHECK_EQUAL(std::string("turns:a:443?transport=tcp stun:b"),
              urls_of("[ice]\nhost = \"h\"\nurls = [\"turns:a:443?transport=tcp\", \"stun:b\"]\n"));
}
