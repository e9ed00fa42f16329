// SPDX-License-Identifier: Apache-2.0
#include "support/config_text.hpp"
#include "support/test.hpp"

using control::Config;
using support::config_with;
using support::loaded_with;
using support::problems_of;

TEST_GROUP(ConfigEnvironment) {
  static void only(const std::string& expected, const std::string& entry) {
    CHECK_EQUAL("environment: " + expected + "\n", problems_of(config_with(""), {entry}));
  }
};

TEST(ConfigEnvironment, VariablesGoBeforeTheFile) {
  const Config config =
      loaded_with("[listen]\nudp = [\"127.0.0.1:1\"]\n[stun]\nclassic = false\n",
                  {"PATH=/bin",
                   "TURNPIKE_REALM=from.environment",
                   "TURNPIKE_LISTEN__UDP=127.0.0.1:2, [::1]:3",
                   "TURNPIKE_LISTEN__TCP=",
                   "TURNPIKE_STUN__CLASSIC=true",
                   "TURNPIKE_LIMITS__ALLOCATIONS_PER_USER=7",
                   "TURNPIKE_LIMITS__LIFETIME_MAX=20m",
                   "TURNPIKE_RELAY__EXTERNAL=10.0.0.5=203.0.113.5, 10.0.0.6 = 203.0.113.6",
                   "TURNPIKE_ICE__HOST=",
                   "TURNPIKE_SERVER__COALESCE=0"});
  CHECK_EQUAL(std::string("from.environment"), config.realm);
  CHECK_EQUAL(std::string("[127.0.0.1:2, [::1]:3]"), support::to_text(config.fixed.listen_udp));
  CHECK_TRUE(config.fixed.listen_tcp.empty());
  CHECK_TRUE(config.policy.classic_stun);
  CHECK_EQUAL(7U, config.policy.allocations_per_user);
  CHECK_EQUAL(1200, config.policy.lifetime_max.count());
  CHECK_EQUAL(2U, config.fixed.relay_external.size());
  CHECK_EQUAL(std::string("203.0.113.6"),
              config.fixed.relay_external.at(*base::IpAddress::parse("10.0.0.6")).to_string());
  CHECK_EQUAL(0, config.coalesce.count());
}

TEST(ConfigEnvironment, AVariableMendsWhatTheFileLacks) {
  CHECK_EQUAL("", problems_of("", {"TURNPIKE_REALM=x", "TURNPIKE_AUTH__SECRET=0123456789abcdef"}));
}

TEST(ConfigEnvironment, AVariableHidesAnErrorOfTheFile) {
  CHECK_EQUAL("",
              problems_of(config_with("[log]\nlevel = \"loud\"\n"), {"TURNPIKE_LOG__LEVEL=warn"}));
}

TEST(ConfigEnvironment, OneSecretReplacesThoseOfTheFile) {
  const Config config = loaded_with("", {"TURNPIKE_AUTH__SECRET=b64:MDEyMzQ1Njc4OWFiY2RlZg=="});
  CHECK_EQUAL(1U, config.secrets.size());
  CHECK_EQUAL(std::string("environment"), config.secrets[0].id);
  CHECK_EQUAL(std::string("0123456789abcdef"), config.secrets[0].value);
  only(
      "error: TURNPIKE_AUTH__SECRET: `auth.secret.value` is empty: fill it with openssl rand "
      "-base64 32",
      "TURNPIKE_AUTH__SECRET=");
}

TEST(ConfigEnvironment, ErrorsNameTheVariable) {
  only(
      "error: TURNPIKE_SERVER__WORKERS: `server.workers` must be a whole number, such as 1; this "
      "is the text `many`",
      "TURNPIKE_SERVER__WORKERS=many");
  only("error: TURNPIKE_SERVER__WORKERS: `server.workers` must be between 0 and 126; this is 999",
       "TURNPIKE_SERVER__WORKERS=999");
  only(
      "error: TURNPIKE_STUN__CLASSIC: `stun.classic` must be true or false; this is the text `yes`",
      "TURNPIKE_STUN__CLASSIC=yes");
  only(
      "error: TURNPIKE_LIMITS__LIFETIME_MAX: `limits.lifetime_max` needs a unit: write \"3600s\" "
      "for seconds",
      "TURNPIKE_LIMITS__LIFETIME_MAX=3600");
  only("error: TURNPIKE_REALM: `realm` must be UTF-8 text", "TURNPIKE_REALM=\xFF");
  only(
      "error: TURNPIKE_PROTOCOL__MOBILITY: `protocol.mobility` is not served by "
      "turnpike " TURNPIKE_VERSION " yet: leave it out, or as false",
      "TURNPIKE_PROTOCOL__MOBILITY=true");
  only(
      "error: TURNPIKE_RELAY__EXTERNAL: `relay.external` has `` on its right side, which is not an "
      "IP address that clients "
      "could reach",
      "TURNPIKE_RELAY__EXTERNAL=10.0.0.5");
}

TEST(ConfigEnvironment, DefaultsOfWhatIsNotServedAreFine) {
  CHECK_EQUAL("",
              problems_of(config_with(""), {"TURNPIKE_LISTEN__TLS=", "TURNPIKE_RELAY__TCP=false"}));
}

TEST(ConfigEnvironment, UnknownVariablesNameTheNearest) {
  only("error: TURNPIKE_LISTN__UDP: is not a key: did you mean TURNPIKE_LISTEN__UDP?",
       "TURNPIKE_LISTN__UDP=x");
  only("error: TURNPIKE_LISTEN_UDP: is not a key: did you mean TURNPIKE_LISTEN__UDP?",
       "TURNPIKE_LISTEN_UDP=x");
  only("error: TURNPIKE__REALM: is not a key: did you mean TURNPIKE_REALM?", "TURNPIKE__REALM=x");
  only(
      "error: TURNPIKE_FROBNICATE__ALL_OF_IT: is not a key: see turnpike.toml(5) for what there is",
      "TURNPIKE_FROBNICATE__ALL_OF_IT=x");
  only("error: TURNPIKE_AUTH__SECRET[]__ID: is not a key: did you mean TURNPIKE_AUTH__SECRET?",
       "TURNPIKE_AUTH__SECRET[]__ID=x");
}

TEST(ConfigEnvironment, WhatContainerPlatformsSetIsIgnored) {
  CHECK_EQUAL("",
              problems_of(config_with(""),
                          {"TURNPIKE_PORT=tcp://10.0.0.1:3478",
                           "TURNPIKE_SERVICE_HOST=10.0.0.1",
                           "TURNPIKE_PORT_3478_UDP_ADDR=10.0.0.1",
                           "TURNPIKE",
                           "TURNPIKE_NO_VALUE__AT_ALL",
                           "OTHER__KEY=x"}));
}

TEST(ConfigEnvironment, ASectionThatIsNoneStaysAnError) {
  CHECK_EQUAL(std::string("f.toml:2:1: error: `log` is a section: write [log] on a line of its "
                          "own, and its keys below\n"),
              problems_of("realm = \"x\"\nlog = 1\n",
                          {"TURNPIKE_AUTH__SECRET=0123456789abcdef", "TURNPIKE_LOG__LEVEL=warn"}));
}
