// SPDX-License-Identifier: Apache-2.0
#include "auth/credentials.hpp"
#include "cli/verbs.hpp"
#include "support/config_text.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

using cli::OutputForm;
using support::config_with;

namespace {

constexpr std::chrono::seconds kNow{1'763'650'000};

/// The README's command in the fenced block that holds this text.
std::string readme_command(const std::string& part) {
  std::ifstream file(TURNPIKE_SOURCE_DIR "/README.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t at = text.find(part);
  CHECK(at != std::string::npos);
  const std::size_t begin = text.find('\n', text.rfind("```", at)) + 1;
  return text.substr(begin, text.find("```", at) - begin);
}

/// What the shell prints; "" when it fails.
std::string shell(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::string text;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
    text += static_cast<char>(c);
  }
  return text;
}

}  // namespace

TEST_GROUP(Credential) {
  support::TemporaryFolder folder;
  std::ostringstream out;
  std::ostringstream err;
  cli::Surroundings surroundings{
      {}, "", {*base::IpAddress::parse("192.0.2.7")}, base::WallTime(kNow)};

  int mint(const std::string& extra, const std::string& user, OutputForm form = OutputForm::Text) {
    const std::string path = folder.write("c.toml", config_with(extra));
    return cli::mint_credential(
        {path, user, std::chrono::seconds(3600), form}, surroundings, out, err);
  }
};

TEST(Credential, TextIsReadyToPaste) {
  CHECK_EQUAL(cli::kExitDone, mint("", "alice"));
  // printf %s 1763653600:alice | openssl dgst -sha1 -hmac 0123456789abcdef -binary | openssl base64
  CHECK_EQUAL(std::string("username: 1763653600:alice\n"
                          "password: 7y2Qp3Buqk7UQRgQRVzifUba9sM=\n"
                          "expires:  2025-11-20T15:46:40Z, in 1h\n"
                          "url:      turn:192.0.2.7:3478?transport=udp\n"
                          "url:      turn:192.0.2.7:3478?transport=tcp\n"),
              out.str());
  CHECK_EQUAL(std::string(), err.str());
}

TEST(Credential, JsonServesEveryKindOfReader) {
  CHECK_EQUAL(cli::kExitDone,
              mint("[ice]\nhost = \"turn.example.org\"\n", "alice", OutputForm::Json));
  CHECK_EQUAL(std::string(R"({
  "username": "1763653600:alice",
  "password": "7y2Qp3Buqk7UQRgQRVzifUba9sM=",
  "ttl": 3600,
  "uris": [
    "turn:turn.example.org:3478?transport=udp",
    "turn:turn.example.org:3478?transport=tcp"
  ],
  "iceServers": [
    {
      "urls": [
        "turn:turn.example.org:3478?transport=udp",
        "turn:turn.example.org:3478?transport=tcp"
      ],
      "username": "1763653600:alice",
      "credential": "7y2Qp3Buqk7UQRgQRVzifUba9sM="
    }
  ],
  "iceTransportPolicy": "all",
  "expires_at": "2025-11-20T15:46:40Z"
}
)"),
              out.str());
}

TEST(Credential, StunUrlsHaveAnEntryWithoutCredential) {
  CHECK_EQUAL(cli::kExitDone,
              mint("[ice]\nurls = [\"stun:s.example.org\", \"turn:t.example.org\"]\n",
                   "alice",
                   OutputForm::Json));
  CHECK_TRUE(out.str().find("\"uris\": [\n    \"turn:t.example.org\"\n  ]") != std::string::npos);
  CHECK_TRUE(out.str().find("\"iceServers\": [\n    {\n      \"urls\": [\n        "
                            "\"stun:s.example.org\"\n      ]\n    },") != std::string::npos);
}

TEST(Credential, WithoutUrlsThereIsNoServer) {
  CHECK_EQUAL(cli::kExitDone,
              mint("[listen]\nudp = [\"127.0.0.1:0\"]\ntcp = []\n", "alice", OutputForm::Json));
  CHECK_TRUE(out.str().find("\"uris\": [],\n  \"iceServers\": [],") != std::string::npos);
}

TEST(Credential, TheNewestSecretMints) {
  CHECK_EQUAL(cli::kExitDone,
              mint("[[auth.secret]]\nid = \"b\"\nvalue = \"fedcba9876543210\"\n", "alice"));
  CHECK_TRUE(out.str().find(auth::time_limited_password("0123456789abcdef", "1763653600:alice")) !=
             std::string::npos);
}

TEST(Credential, TheServerReadsTheUsernameBack) {
  for (const char* user : {"alice", "@alice:example.org", "123", "a b", "\xC3\xBC"}) {
    out.str("");
    CHECK_EQUAL(cli::kExitDone, mint("", user));
    const std::string line = out.str().substr(0, out.str().find('\n'));
    const auto name =
        auth::parse_time_limited(std::string_view(line).substr(10), base::WallTime(kNow));
    CHECK_EQUAL(std::string(user), std::string(name->user));
    CHECK_TRUE(name->expiry == base::WallTime(kNow + std::chrono::hours(1)));
  }
}

TEST(Credential, NothingShowsTheSecret) {
  for (const OutputForm form : {OutputForm::Text, OutputForm::Json}) {
    CHECK_EQUAL(cli::kExitDone, mint("", "alice", form));
  }
  CHECK_TRUE(out.str().find("0123456789abcdef") == std::string::npos);
}

TEST(Credential, WarningsOfTheFileAreNotRepeated) {
  CHECK_EQUAL(cli::kExitDone, mint("[peers]\nallow = [\"10.0.0.0/8\"]\n", "alice"));
  CHECK_EQUAL(std::string(), err.str());
}

TEST(Credential, AWrongFileMintsNothing) {
  CHECK_EQUAL(cli::kExitConfig, mint("[log]\nlevel = \"x\"\n", "alice"));
  CHECK_EQUAL(std::string(), out.str());
  CHECK_TRUE(err.str().find(":6:9: error: ") != std::string::npos);
}

TEST(Credential, WithoutASharedSecretThereIsNothingToMintWith) {
  const std::string path =
      folder.write("c.toml", "realm = \"x\"\n[[auth.user]]\nname = \"alice\"\npassword = \"x\"\n");
  const auto code = cli::mint_credential(
      {path, "alice", std::chrono::seconds(60), OutputForm::Text}, surroundings, out, err);
  CHECK_EQUAL(cli::kExitFailed, code);
  CHECK_EQUAL(std::string(), out.str());
  CHECK_EQUAL(
      path +
          ": there is no [[auth.secret]] to mint with; a [[auth.user]] has a password of its own\n",
      err.str());
}

TEST(Credential, TheReadmesOpensslCommandMintsTheSame) {
  if (std::system("openssl version >/dev/null 2>&1") != 0) {
    CHECK_TRUE_TEXT(std::getenv("CI") == nullptr, "no openssl command");
    UT_PRINT("SKIP: no openssl command");
    return;
  }
  // The block is run as it stands, but for the file of the secret.
  std::string command = readme_command("openssl dgst -sha1");
  const std::string installed = "/etc/turnpike/secrets/1";
  const std::size_t at = command.find(installed);
  CHECK_TRUE(at != std::string::npos);
  command.replace(at, installed.size(), folder.write("secret", "0123456789abcdef\n"));
  const std::string printed = shell(command);
  const std::size_t space = printed.find(' ');
  const std::string username = printed.substr(0, space);
  CHECK_EQUAL(auth::time_limited_password("0123456789abcdef", username) + "\n",
              printed.substr(space + 1));
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto name = auth::parse_time_limited(username, now);
  CHECK_EQUAL(std::string("alice"), std::string(name->user));
  CHECK_TRUE(name->expiry > now);
}
