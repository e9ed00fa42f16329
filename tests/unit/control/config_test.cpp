// SPDX-License-Identifier: Apache-2.0
#include "control/config.hpp"

#include "support/config_text.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

using control::Config;
using control::load_config;
using control::LoadedConfig;
using control::LogFormat;
using control::LogLevel;
using control::parse_config;
using support::config_with;
using support::loaded_with;
using support::problems_of;

TEST_GROUP(Config) {
};

TEST(Config, TheLeastFileHasTheDefaults) {
  const LoadedConfig loaded = parse_config(config_with(""), "f.toml", {}, "");
  CHECK_EQUAL(0U, loaded.problems.size());
  const Config& config = *loaded.config;
  CHECK_EQUAL(std::string("f.toml"), config.path);
  CHECK_EQUAL(std::string("example.org"), config.realm);
  CHECK_EQUAL(0U, config.fixed.workers);
  CHECK_EQUAL(std::string("[0.0.0.0:3478, [::]:3478]"), support::to_text(config.fixed.listen_udp));
  CHECK_EQUAL(std::string("[0.0.0.0:3478, [::]:3478]"), support::to_text(config.fixed.listen_tcp));
  CHECK_TRUE(config.fixed.relay_auto);
  CHECK_TRUE(config.fixed.relay_addresses.empty());
  CHECK_TRUE(config.fixed.relay_ports == (turn::PortRange{49152, 65535}));
  CHECK_EQUAL(100, config.coalesce.count());
  CHECK_EQUAL(3600, config.policy.lifetime_max.count());
  CHECK_EQUAL(3600, config.policy.nonce_lifetime.count());
  CHECK_EQUAL(12U, config.policy.allocations_per_user);
  CHECK_EQUAL(50U, config.policy.unauthenticated_per_second);
  CHECK_EQUAL(14'400, config.ice.ttl.count());
  CHECK_EQUAL(LogLevel::Info, config.log_level);
  CHECK_EQUAL(LogFormat::Auto, config.log_format);
}

TEST(Config, EveryKeyIsRead) {
  const LoadedConfig loaded = parse_config(R"(
realm = "turn.example.org"
[server]
workers = 3
software = "turnpike"
coalesce = "0"
[listen]
udp = ["192.0.2.1:3478", "[2001:db8::1]:0"]
tcp = []
[relay]
addresses = ["10.0.0.5", "auto"]
external = { "10.0.0.5" = "203.0.113.5" }
ports = "20000-20001"
[stun]
classic = true
[peers]
allow = ["10.0.0.0/8"]
deny = ["203.0.113.0/24", "2001:db8::7"]
[auth]
nonce_lifetime = "10m"
strict_expiry = true
[[auth.secret]]
id = "2026-11"
value = "a-secret-of-length"
[[auth.secret]]
id = "2026-10"
value = "hex:000102030405060708090a0b0c0d0e0f"
[[auth.user]]
name = "alice"
password = "wonderland"
[limits]
allocations = 1000
allocations_per_user = 0
permissions_per_allocation = 4096
channels_per_allocation = 1
lifetime_max = "10m"
unauthenticated_per_second = 10000
[ice]
host = "turn.example.org"
ttl = "24h"
urls = ["turn:turn.example.org:3478?transport=udp"]
[log]
level = "debug"
format = "json"
)",
                                           "f.toml",
                                           {},
                                           "");
  CHECK_EQUAL(1U, loaded.problems.size());
  const Config& config = *loaded.config;
  CHECK_EQUAL(3U, config.fixed.workers);
  CHECK_EQUAL(std::string("turnpike"), config.policy.software);
  CHECK_EQUAL(0, config.coalesce.count());
  CHECK_EQUAL(std::string("[192.0.2.1:3478, [2001:db8::1]:0]"),
              support::to_text(config.fixed.listen_udp));
  CHECK_EQUAL(std::string("[]"), support::to_text(config.fixed.listen_tcp));
  CHECK_TRUE(config.fixed.relay_auto);
  CHECK_EQUAL(std::string("[10.0.0.5]"), support::to_text(config.fixed.relay_addresses));
  CHECK_EQUAL(std::string("203.0.113.5"),
              config.fixed.relay_external.at(*base::IpAddress::parse("10.0.0.5")).to_string());
  CHECK_TRUE(config.fixed.relay_ports == (turn::PortRange{20000, 20001}));
  CHECK_TRUE(config.policy.classic_stun);
  CHECK_EQUAL(std::string("[10.0.0.0/8]"), support::to_text(config.peers_allow));
  CHECK_EQUAL(std::string("[203.0.113.0/24, 2001:db8::7/128]"),
              support::to_text(config.peers_deny));
  CHECK_EQUAL(600, config.policy.nonce_lifetime.count());
  CHECK_TRUE(config.policy.strict_expiry);
  CHECK_EQUAL(2U, config.secrets.size());
  CHECK_EQUAL(std::string("2026-11"), config.secrets[0].id);
  CHECK_EQUAL(16U, config.secrets[1].value.size());
  CHECK_EQUAL(std::string("alice"), config.users.at(0).name);
  CHECK_EQUAL(1000U, config.policy.allocations);
  CHECK_EQUAL(0U, config.policy.allocations_per_user);
  CHECK_EQUAL(4096U, config.policy.permissions_per_allocation);
  CHECK_EQUAL(1U, config.policy.channels_per_allocation);
  CHECK_EQUAL(600, config.policy.lifetime_max.count());
  CHECK_EQUAL(10'000U, config.policy.unauthenticated_per_second);
  CHECK_EQUAL(std::string("turn.example.org"), config.ice.host);
  CHECK_EQUAL(86'400, config.ice.ttl.count());
  CHECK_EQUAL(1U, config.ice.urls.size());
  CHECK_EQUAL(LogLevel::Debug, config.log_level);
  CHECK_EQUAL(LogFormat::Json, config.log_format);
}

TEST(Config, SeveralErrorsComeAtOnceInTheOrderOfTheLines) {
  CHECK_EQUAL(
      std::string(
          "f.toml:1:1: error: unknown key `relm`: did you mean `realm`?\n"
          "f.toml:3:11: error: `server.workers` must be between 0 and 126; this is 127\n"
          "f.toml:5:10: error: `log.level` must be one of trace, debug, info, warn, error; this is "
          "`inof`: did you mean \"info\"?\n"
          "f.toml:7:11: error: `stun.classic` must be true or false; this is the number 1\n"
          "f.toml: error: `realm` is missing: write the domain of your users at the top of the "
          "file, such as realm = \"turn.example.org\"\n"
          "f.toml: error: there is neither a [[auth.secret]] nor a [[auth.user]], so nobody could "
          "authenticate: add one, such as [[auth.secret]] with id = \"1\" and file = "
          "\"/etc/turnpike/secrets/1\"\n"
          "environment: error: TURNPIKE_SERVER__COALESCE: `server.coalesce` must be between 0 and "
          "10ms; this is 1s\n"),
      problems_of(
          "relm = \"example.org\"\n[server]\nworkers = 127\n[log]\nlevel =  \"inof\"\n[stun]\n"
          "classic = 1\n",
          {"TURNPIKE_SERVER__COALESCE=1s"}));
}

TEST(Config, ThereIsNoConfigurationWithAnErrorAndOneWithWarnings) {
  CHECK_FALSE(
      parse_config(config_with("[stun]\nclassic = 1\n"), "f.toml", {}, "").config.has_value());
  const LoadedConfig warned =
      parse_config(config_with("[peers]\nallow = [\"10.0.0.0/8\"]\n"), "f.toml", {}, "");
  CHECK_TRUE(warned.config.has_value());
  CHECK_TRUE(warned.problems.at(0).is_warning);
}

TEST(Config, SyntaxIsAnErrorWithItsPlace) {
  const LoadedConfig loaded = parse_config("realm = \"x\"\n[listen\n", "f.toml", {}, "");
  CHECK_FALSE(loaded.config.has_value());
  CHECK_EQUAL(1U, loaded.problems.size());
  CHECK_EQUAL(2U, loaded.problems[0].line);
  CHECK_TRUE(loaded.problems[0].column != 0);
  CHECK_FALSE(loaded.problems[0].is_warning);
  CHECK_FALSE(loaded.problems[0].text.empty());
}

TEST(Config, AKeyThatStandsTwiceIsAnError) {
  const LoadedConfig loaded =
      parse_config(config_with("[log]\nlevel = \"info\"\nlevel = \"warn\"\n"), "f.toml", {}, "");
  CHECK_FALSE(loaded.config.has_value());
  CHECK_EQUAL(7U, loaded.problems.at(0).line);
}

TEST(Config, BytesThatAreNoTextAreAnError) {
  CHECK_FALSE(parse_config("realm = \"\xFF\"\n", "f.toml", {}, "").config.has_value());
  CHECK_FALSE(parse_config(std::string_view("\0\0", 2), "f.toml", {}, "").config.has_value());
}

TEST(Config, WrongKindsOfValue) {
  ONLY_PROBLEM("6:11: error: `server.workers` must be a number without quotes: write 4",
               "[server]\nworkers = \"4\"\n");
  ONLY_PROBLEM(
      "6:11: error: `server.workers` must be a whole number, such as 1; this is a number with a "
      "fraction",
      "[server]\nworkers = 1.5\n");
  ONLY_PROBLEM("6:12: error: `server.software` must be a text in quotes: write \"7\"",
               "[server]\nsoftware = 7\n");
  ONLY_PROBLEM("6:12: error: `server.software` must be a text in quotes; this is true",
               "[server]\nsoftware = true\n");
  ONLY_PROBLEM("6:11: error: `stun.classic` must be true or false without quotes: write true",
               "[stun]\nclassic = \"true\"\n");
  ONLY_PROBLEM("6:11: error: `stun.classic` must be true or false; this is the text `yes`",
               "[stun]\nclassic = \"yes\"\n");
  ONLY_PROBLEM("6:11: error: `stun.classic` must be true or false; this is a date or time of day",
               "[stun]\nclassic = 2026-11-20\n");
  ONLY_PROBLEM("6:7: error: `listen.udp` must be a list: write [\"127.0.0.1:3478\"]",
               "[listen]\nudp = \"127.0.0.1:3478\"\n");
  ONLY_PROBLEM("6:7: error: `listen.udp` must be a list in brackets; this is a table",
               "[listen]\nudp = {}\n");
  ONLY_PROBLEM("6:8: error: `listen.udp` must be a text in quotes: write \"3478\"",
               "[listen]\nudp = [3478]\n");
  ONLY_PROBLEM("6:9: error: `log.level` must be a text in quotes; this is a list",
               "[log]\nlevel = []\n");
  ONLY_PROBLEM(
      "6:12: error: `relay.external` must be a table in braces, such as { \"10.0.0.5\" = "
      "\"203.0.113.5\" }; "
      "this is a list",
      "[relay]\nexternal = []\n");
}

TEST(Config, Times) {
  ONLY_PROBLEM("6:18: error: `auth.nonce_lifetime` needs a unit: write \"3600s\" for seconds",
               "[auth]\nnonce_lifetime = 3600\n");
  ONLY_PROBLEM("6:18: error: `auth.nonce_lifetime` needs a unit: write \"3600s\" for seconds",
               "[auth]\nnonce_lifetime = \"3600\"\n");
  ONLY_PROBLEM(
      "6:18: error: `auth.nonce_lifetime` is not a time: write a whole number and a unit (us, ms, "
      "s, m, h or "
      "d), such as \"90s\" or \"10m\"; this is the text `1 fortnight`",
      "[auth]\nnonce_lifetime = \"1 fortnight\"\n");
  ONLY_PROBLEM("6:18: error: `auth.nonce_lifetime` must be a time, such as \"10m\"; this is true",
               "[auth]\nnonce_lifetime = true\n");
  ONLY_PROBLEM("6:18: error: `auth.nonce_lifetime` must be between 1m and 1d; this is 59s",
               "[auth]\nnonce_lifetime = \"59s\"\n");
  ONLY_PROBLEM("6:18: error: `auth.nonce_lifetime` must be between 1m and 1d; this is 25h",
               "[auth]\nnonce_lifetime = \"25h\"\n");
  ONLY_PROBLEM("6:18: error: `auth.nonce_lifetime` must be whole seconds; this is 90500ms",
               "[auth]\nnonce_lifetime = \"90500ms\"\n");
  ONLY_PROBLEM("6:12: error: `server.coalesce` must be between 0 and 10ms; this is 11ms",
               "[server]\ncoalesce = \"11ms\"\n");
  CHECK_EQUAL(0, loaded_with("[server]\ncoalesce = 0\n").coalesce.count());
}

TEST(Config, LongLivesAreWarnings) {
  ONLY_PROBLEM(
      "6:18: warning: `auth.nonce_lifetime` is 2h; RFC 8656 recommends a new nonce at least once "
      "an hour",
      "[auth]\nnonce_lifetime = \"2h\"\n");
  ONLY_PROBLEM(
      "6:16: warning: `limits.lifetime_max` is 61m; RFC 8656 recommends at most 1h, as vanished "
      "clients hold "
      "their ports that long",
      "[limits]\nlifetime_max = \"61m\"\n");
  CHECK_EQUAL(7200, loaded_with("[auth]\nnonce_lifetime = \"2h\"\n").policy.nonce_lifetime.count());
  CHECK_EQUAL(86'400, loaded_with("[limits]\nlifetime_max = \"1d\"\n").policy.lifetime_max.count());
}

TEST(Config, LimitsHaveRanges) {
  ONLY_PROBLEM("6:16: error: `limits.lifetime_max` must be between 10m and 1d; this is 599s",
               "[limits]\nlifetime_max = \"599s\"\n");
  ONLY_PROBLEM(
      "6:30: error: `limits.permissions_per_allocation` must be between 1 and 4096; this is 0",
      "[limits]\npermissions_per_allocation = 0\n");
  ONLY_PROBLEM(
      "6:30: error: `limits.permissions_per_allocation` must be between 1 and 4096; this is 4097",
      "[limits]\npermissions_per_allocation = 4097\n");
  ONLY_PROBLEM(
      "6:27: error: `limits.channels_per_allocation` must be between 1 and 4096; this is -1",
      "[limits]\nchannels_per_allocation = -1\n");
  ONLY_PROBLEM(
      "6:30: error: `limits.unauthenticated_per_second` must be between 0 and 10000; this is 10001",
      "[limits]\nunauthenticated_per_second = 10001\n");
  ONLY_PROBLEM(
      "6:15: error: `limits.allocations` must be between 0 and 4294967295; this is 4294967296",
      "[limits]\nallocations = 4294967296\n");
}

TEST(Config, TheRealmIsNeededAndPlain) {
  const std::string secret = "[[auth.secret]]\nid = \"a\"\nvalue = \"0123456789abcdef\"\n";
  const std::string at = "f.toml:1:9: error: `realm` ";
  CHECK_EQUAL(at + "is empty: write the domain of your users, such as \"turn.example.org\"\n",
              problems_of("realm = \"\"\n" + secret));
  CHECK_EQUAL(at + "has 128 bytes, at most 127: it is part of every challenge\n",
              problems_of("realm = \"" + std::string(128, 'x') + "\"\n" + secret));
  CHECK_EQUAL("", problems_of("realm = \"" + std::string(32, 'x') + "\"\n" + secret));
  CHECK_EQUAL(
      "f.toml:1:9: warning: `realm` has 127 bytes: a challenge over UDP and IPv4 has room for "
      "SHA-256 beside a realm of 32, and beyond 44 the shortest Allocate gets no answer there\n",
      problems_of("realm = \"" + std::string(127, 'x') + "\"\n" + secret));
  for (const char* bad : {"a\\\"b", "a\\\\b", "a\\nb", "a\\u0085b"}) {
    CHECK_EQUAL(
        at + "must not hold quotes, backslashes or control characters: write a domain, such as "
             "\"turn.example.org\"\n",
        problems_of("realm = \"" + std::string(bad) + "\"\n" + secret));
  }
}

TEST(Config, SoftwareIsShortAndPlain) {
  ONLY_PROBLEM("6:12: error: `server.software` has 128 bytes, at most 127",
               "[server]\nsoftware = \"" + std::string(128, 'x') + "\"\n");
  ONLY_PROBLEM("6:12: error: `server.software` must not hold control characters",
               "[server]\nsoftware = \"a\\tb\"\n");
}

TEST(Config, UnknownKeysNameTheNearest) {
  ONLY_PROBLEM("6:1: error: unknown key `tpc` in [listen]: did you mean `tcp`?",
               "[listen]\ntpc = []\n");
  ONLY_PROBLEM("5:2: error: unknown key `lisen`: did you mean `listen`?", "[lisen]\nudp = []\n");
  ONLY_PROBLEM(
      "6:1: error: unknown key `realm` in [ice]: it belongs at the top of the file, above the "
      "first [section]",
      "[ice]\nrealm = \"x\"\n");
  ONLY_PROBLEM(
      "6:1: error: unknown key `unauthenticated_per_second` in [server]: it belongs under [limits]",
      "[server]\nunauthenticated_per_second = 1\n");
  ONLY_PROBLEM("6:1: error: unknown key `frobnicate` in [log]: this section has level, format",
               "[log]\nfrobnicate = 1\n");
  ONLY_PROBLEM(
      "5:1: error: unknown key `password` in [[auth.secret]]: it belongs under [[auth.user]]",
      "password = \"x\"\n");
}

TEST(Config, SectionsHaveTheirBrackets) {
  ONLY_PROBLEM(
      "5:3: error: `listen` is a section: write [listen] on a line of its own, and its keys below",
      "[[listen]]\nudp = []\n");
  CHECK_EQUAL(
      std::string(
          "f.toml:2:1: error: `log` is a section: write [log] on a line of its own, and its keys "
          "below\n"),
      problems_of(
          "realm = \"x\"\nlog = \"info\"\n[[auth.user]]\nname = \"a\"\npassword = \"b\"\n"));
  ONLY_PROBLEM(
      "5:7: error: `auth.user` can be there several times: write [[auth.user]], with two brackets, "
      "above each",
      "[auth.user]\nname = \"x\"\n");
}

TEST(Config, WhatLaterVersionsServeIsAnError) {
  const std::string not_served = "is not served by turnpike " TURNPIKE_VERSION " yet: leave it out";
  ONLY_PROBLEM("6:7: error: `listen.tls` " + not_served + ", or as []",
               "[listen]\ntls = [\"0.0.0.0:5349\"]\n");
  ONLY_PROBLEM("6:12: error: `protocol.mobility` " + not_served + ", or as false",
               "[protocol]\nmobility = true\n");
  ONLY_PROBLEM("6:7: error: `relay.tcp` " + not_served + ", or as false", "[relay]\ntcp = true\n");
  ONLY_PROBLEM("6:21: error: `stun.alternate_address` " + not_served + ", or as \"\"",
               "[stun]\nalternate_address = \"192.0.2.1\"\n");
  ONLY_PROBLEM("6:9: error: `plan.default.bytes` " + not_served + ", or as \"0\"",
               "[plan.default]\nbytes = \"50GB\"\n");
  ONLY_PROBLEM("5:7: error: [[ice.key]] " + not_served, "[[ice.key]]\nid = \"web\"\n");
  ONLY_PROBLEM("5:3: error: [[webhook]] " + not_served, "[[webhook]]\nurl = \"x\"\n");
}

TEST(Config, WhatLaterVersionsServeMayStandAtItsDefault) {
  CHECK_EQUAL("", problems_of(config_with(R"(
[listen]
tls = []
dtls = []
http = []
[tls]
certificate = "/etc/turnpike/tls/fullchain.pem"
[relay]
tcp = false
[stun]
alternate_address = ""
[protocol]
mobility = false
[quota]
database = "/var/lib/turnpike/turnpike.db"
[plan.default]
bytes = "0"
[http]
rate_limit = "100/min"
[metrics]
allow = ["127.0.0.0/8", "::1/128"]
[admin]
socket = "/run/turnpike/admin.sock"
)")));
}

TEST(Config, ProblemsArePrintedAsCompilersDo) {
  CHECK_EQUAL(std::string("a.toml:3:7: error: text"),
              (control::ConfigProblem{"a.toml", 3, 7, false, "text"}.to_string()));
  CHECK_EQUAL(std::string("a.toml: warning: text"),
              (control::ConfigProblem{"a.toml", 0, 0, true, "text"}.to_string()));
  CHECK_EQUAL(std::string("environment: error: text"),
              (control::ConfigProblem{"", 0, 0, false, "text"}.to_string()));
}

TEST(Config, MessagesCannotUpsetATerminal) {
  ONLY_PROBLEM(
      "6:10: error: `log.level` must be one of trace, debug, info, warn, error; this is (not "
      "printable)",
      "[log]\nlevel =  \"\\u001b[2J\"\n");
  ONLY_PROBLEM("6:9: error: `log.level` must be one of trace, debug, info, warn, error; this is `" +
                   std::string(79, 'x') + "...`",
               "[log]\nlevel = \"" + std::string(79, 'x') + "\xC3\xBC\xC3\xBC\"\n");
  ONLY_PROBLEM(
      "5:1: error: unknown key (not printable) in [[auth.secret]]: this section has id, file, "
      "value",
      "\"\\u0007\" = 1\n");
}

TEST_GROUP(LoadConfig) {
  support::TemporaryFolder folder;
};

TEST(LoadConfig, ReadsTheFile) {
  const std::string path = folder.write("c.toml", config_with(""));
  const LoadedConfig loaded = load_config(path, {}, "");
  CHECK_EQUAL(0U, loaded.problems.size());
  CHECK_EQUAL(path, loaded.config->path);
}

TEST(LoadConfig, AnAbsentFileIsOneError) {
  const std::string path = folder.path() + "/none.toml";
  const LoadedConfig loaded = load_config(path, {}, "");
  CHECK_FALSE(loaded.config.has_value());
  CHECK_EQUAL(path +
                  ": error: cannot be read: No such file or directory: name another file with "
                  "--config FILE",
              loaded.problems.at(0).to_string());
}

TEST(LoadConfig, AFileBeyondReasonIsNotRead) {
  const std::string path = folder.write("c.toml", std::string((1U << 20U) + 1, '#'));
  CHECK_EQUAL(path + ": error: has more than 1048576 bytes: name another file with --config FILE",
              load_config(path, {}, "").problems.at(0).to_string());
}

TEST(LoadConfig, SecretsInAFileThatOthersReadAreAWarning) {
  const std::string path = folder.write("c.toml", config_with(""), 0644);
  const LoadedConfig loaded = load_config(path, {}, "");
  CHECK_TRUE(loaded.config.has_value());
  CHECK_EQUAL(path +
                  ": warning: holds secrets or passwords and can be read by every user of this "
                  "host: chmod o= " +
                  path,
              loaded.problems.at(0).to_string());
}

TEST(LoadConfig, AFileWithoutSecretsMayBeReadByOthers) {
  const std::string secret = folder.write("secret", "0123456789abcdef\n");
  const std::string path = folder.write(
      "c.toml", "realm = \"x\"\n[[auth.secret]]\nid = \"a\"\nfile = \"secret\"\n", 0644);
  CHECK_EQUAL(0U, load_config(path, {}, "").problems.size());
  CHECK_EQUAL(0U,
              load_config(path, {"TURNPIKE_AUTH__SECRET=fedcba9876543210"}, "").problems.size());
}
