// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include "support/test.hpp"

using cli::parse_options;

namespace {

template <typename Kind>
Kind parsed(const std::vector<std::string>& arguments) {
  const cli::Command command = parse_options(arguments);
  CHECK(std::holds_alternative<Kind>(command));
  return std::get<Kind>(command);
}

void wrong(const std::string& expected, const std::vector<std::string>& arguments) {
  const cli::Command command = parse_options(arguments);
  CHECK_TRUE(std::holds_alternative<cli::UsageError>(command));
  CHECK_EQUAL(expected, std::get<cli::UsageError>(command).text);
}

}  // namespace

TEST_GROUP(Options) {
};

TEST(Options, ServeTakesAFile) {
  CHECK_EQUAL(std::string("/etc/turnpike/turnpike.toml"),
              parsed<cli::Serve>({"serve"}).config_path);
  CHECK_EQUAL(std::string("a.toml"),
              parsed<cli::Serve>({"serve", "--config", "a.toml"}).config_path);
  CHECK_EQUAL(std::string("a.toml"), parsed<cli::Serve>({"serve", "--config=a.toml"}).config_path);
  CHECK_EQUAL(std::string("a.toml"), parsed<cli::Serve>({"serve", "-c", "a.toml"}).config_path);
}

TEST(Options, CheckConfigTakesAFileAndAForm) {
  CHECK_EQUAL(cli::OutputForm::Text, parsed<cli::CheckConfig>({"check-config"}).form);
  const auto command = parsed<cli::CheckConfig>({"check-config", "--json", "--config", "a.toml"});
  CHECK_EQUAL(cli::OutputForm::Json, command.form);
  CHECK_EQUAL(std::string("a.toml"), command.config_path);
}

TEST(Options, CredentialIsForAnHourUnlessSaid) {
  const auto command = parsed<cli::Credential>({"credential", "alice"});
  CHECK_EQUAL(std::string("alice"), command.user);
  CHECK_EQUAL(3600, command.ttl.count());
  CHECK_EQUAL(cli::OutputForm::Text, command.form);
  CHECK_EQUAL(90, parsed<cli::Credential>({"credential", "alice", "--ttl", "90s"}).ttl.count());
  CHECK_EQUAL(86'400 * 3650LL,
              parsed<cli::Credential>({"credential", "--ttl=3650d", "alice"}).ttl.count());
  CHECK_EQUAL(cli::OutputForm::Json,
              parsed<cli::Credential>({"credential", "alice", "--json"}).form);
}

TEST(Options, UsersMayHoldColonsAndBeginWithAHyphen) {
  CHECK_EQUAL(std::string("@a:example.org"),
              parsed<cli::Credential>({"credential", "@a:example.org"}).user);
  CHECK_EQUAL(std::string("-x"), parsed<cli::Credential>({"credential", "--", "-x"}).user);
}

TEST(Options, UsersThatNoClientCouldBe) {
  for (const char* user : {"", "a\nb", "\x1B[2J", "\xFF"}) {
    wrong("USER must be a name in UTF-8 without control characters", {"credential", user});
  }
  wrong("USER has 498 bytes, at most 497", {"credential", std::string(498, 'x')});
  CHECK_EQUAL(497U, parsed<cli::Credential>({"credential", std::string(497, 'x')}).user.size());
}

TEST(Options, TimesToLiveThatAreNone) {
  for (const char* ttl : {"1 fortnight", "", "10", "h"}) {
    wrong("--ttl must be a whole number and a unit (s, m, h or d), such as 90s or 12h",
          {"credential", "alice", "--ttl", ttl});
  }
  for (const char* ttl : {"0", "0s", "999ms", "1500ms", "3651d"}) {
    wrong("--ttl must be between 1s and 3650d, in whole seconds",
          {"credential", "alice", "--ttl", ttl});
  }
}

TEST(Options, HelpAndVersionAreInformation) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--help"}, {"-h"}}) {
    const std::string text = parsed<cli::Information>(arguments).text;
    for (const char* word : {"serve", "check-config", "credential", "Exit codes"}) {
      CHECK_TRUE_TEXT(text.find(word) != std::string::npos, word);
    }
  }
  CHECK_TRUE(parsed<cli::Information>({"credential", "--help"}).text.find("--ttl") !=
             std::string::npos);
  CHECK_TRUE(parsed<cli::Information>({"serve", "-h"}).text.find("--config") != std::string::npos);
  CHECK_EQUAL(std::string("turnpike " TURNPIKE_VERSION "\n"),
              parsed<cli::Information>({"--version"}).text);
}

TEST(Options, WrongUseIsASentence) {
  wrong("a verb is missing: one of serve, check-config, credential. See turnpike --help", {});
  wrong("there is no such verb: the verbs are serve, check-config, credential", {"frobnicate"});
  wrong("there is no such verb: did you mean turnpike serve?", {"sevre"});
  wrong("there is no such verb: did you mean turnpike check-config?", {"checkconfig"});
  wrong("The following argument was not expected: --nope. See turnpike serve --help",
        {"serve", "--nope"});
  wrong("The following argument was not expected: surplus. See turnpike serve --help",
        {"serve", "surplus"});
  wrong("USER is required. See turnpike credential --help", {"credential"});
  wrong("--ttl: 1 required TIME missing. See turnpike credential --help",
        {"credential", "alice", "--ttl"});
  wrong("--config must name a file", {"serve", "--config", ""});
}

TEST(Options, NoVerbTakesASecret) {
  for (const char* option : {"--secret", "--password", "--key"}) {
    CHECK_TRUE(std::holds_alternative<cli::UsageError>(
        parse_options({"credential", "alice", option, "x"})));
  }
}
