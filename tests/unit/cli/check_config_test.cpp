// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs.hpp"
#include "support/config_text.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

#include <sstream>

using cli::OutputForm;
using support::config_with;

TEST_GROUP(CheckConfig) {
  support::TemporaryFolder folder;
  std::ostringstream out;
  std::ostringstream err;
  cli::Surroundings surroundings{{}, "", {*base::IpAddress::parse("192.0.2.7")}, {}};

  int check(const std::string& path, OutputForm form = OutputForm::Text) {
    return cli::check_config({path, form}, surroundings, out, err);
  }
};

TEST(CheckConfig, AGoodFileIsOk) {
  const std::string path = folder.write("c.toml", config_with(""));
  CHECK_EQUAL(cli::kExitDone, check(path));
  CHECK_EQUAL(path + ": OK\n", out.str());
  CHECK_EQUAL(std::string(), err.str());
}

TEST(CheckConfig, EveryErrorIsPrintedAndNothingIsOk) {
  const std::string path =
      folder.write("c.toml", config_with("[log]\nlevel = \"x\"\nformat = 1\n"));
  CHECK_EQUAL(cli::kExitConfig, check(path));
  CHECK_EQUAL(std::string(), out.str());
  CHECK_EQUAL(
      path +
          ":6:9: error: `log.level` must be one of trace, debug, info, warn, error; this is `x`\n" +
          path + ":7:10: error: `log.format` must be a text in quotes: write \"1\"\n",
      err.str());
}

TEST(CheckConfig, WarningsAreOk) {
  const std::string path =
      folder.write("c.toml", config_with("[peers]\nallow = [\"10.0.0.0/8\"]\n"));
  CHECK_EQUAL(cli::kExitDone, check(path));
  CHECK_EQUAL(path + ": OK\n", out.str());
  CHECK_EQUAL(path +
                  ":6:10: warning: `peers.allow` opens 10.0.0.0/8: whoever has a credential "
                  "reaches what is there "
                  "through this server\n",
              err.str());
}

TEST(CheckConfig, AnAddressOfAnotherHostIsAWarning) {
  const std::string path =
      folder.write("c.toml", config_with("[relay]\naddresses = [\"192.0.2.99\"]\n"));
  CHECK_EQUAL(cli::kExitDone, check(path));
  CHECK_EQUAL(path +
                  ": warning: on this host the server would not start: `relay.addresses` names "
                  "192.0.2.99, which no "
                  "interface of this host has (it has 192.0.2.7)\n",
              err.str());
}

TEST(CheckConfig, AnAbsentFileIsAnErrorOfTheConfiguration) {
  CHECK_EQUAL(cli::kExitConfig, check(folder.path() + "/none"));
  CHECK_TRUE(err.str().starts_with(folder.path() + "/none: error: cannot be read: "));
}

TEST(CheckConfig, TheEnvironmentIsChecked) {
  surroundings.environment = {"TURNPIKE_LOG__LEVEL=x"};
  CHECK_EQUAL(cli::kExitConfig, check(folder.write("c.toml", config_with(""))));
  CHECK_TRUE(err.str().starts_with("environment: error: TURNPIKE_LOG__LEVEL: "));
}

TEST(CheckConfig, JsonIsOneDocument) {
  const std::string path = folder.write("c.toml", config_with("[log]\nlevel = \"x\"\n"));
  surroundings.environment = {"TURNPIKE_LOG__FORMAT=y"};
  CHECK_EQUAL(cli::kExitConfig, check(path, OutputForm::Json));
  CHECK_EQUAL(std::string(), err.str());
  CHECK_EQUAL("{\n  \"file\": \"" + path +
                  "\",\n  \"ok\": false,\n  \"problems\": [\n    {\n      \"severity\": "
                  "\"error\",\n      \"file\": \"" +
                  path +
                  "\",\n      \"line\": 6,\n      \"column\": 9,\n      \"message\": \"`log.level` "
                  "must be one of trace, "
                  "debug, info, warn, error; this is `x`\"\n    },\n    {\n      \"severity\": "
                  "\"error\",\n      \"message\": "
                  "\"TURNPIKE_LOG__FORMAT: `log.format` must be one of auto, text, json; this is "
                  "`y`\"\n    }\n  ]\n}\n",
              out.str());
}

TEST(CheckConfig, JsonOfAGoodFile) {
  const std::string path = folder.write("c.toml", config_with(""));
  CHECK_EQUAL(cli::kExitDone, check(path, OutputForm::Json));
  CHECK_EQUAL("{\n  \"file\": \"" + path + "\",\n  \"ok\": true,\n  \"problems\": []\n}\n",
              out.str());
}

TEST(CheckConfig, AFileNameNeedNotBeUtf8) {
  CHECK_EQUAL(cli::kExitConfig, check(folder.path() + "/\xFF", OutputForm::Json));
  CHECK_TRUE(out.str().find("\xEF\xBF\xBD") != std::string::npos);
}
