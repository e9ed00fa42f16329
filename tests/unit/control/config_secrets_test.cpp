// SPDX-License-Identifier: Apache-2.0
#include "support/config_text.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

#include <unistd.h>

using control::LoadedConfig;
using control::parse_config;

TEST_GROUP(ConfigSecrets) {
  support::TemporaryFolder folder;

  /// A file whose only secret has these lines, from line 3 on. It lies in the folder.
  LoadedConfig load(const std::string& lines, const std::string& credentials_directory = "") const {
    return parse_config("realm = \"x\"\n[[auth.secret]]\n" + lines,
                        folder.path() + "/f.toml",
                        {},
                        credentials_directory);
  }

  std::string value_of(const std::string& lines, const std::string& credentials_directory = "")
      const {
    const LoadedConfig loaded = load(lines, credentials_directory);
    return loaded.config ? loaded.config->secrets.at(0).value : loaded.problems.at(0).to_string();
  }

  void only(const std::string& expected,
            const std::string& lines,
            const std::string& credentials_directory = "") const {
    std::string found;
    for (const auto& problem : load(lines, credentials_directory).problems) {
      found += problem.to_string() + "\n";
    }
    CHECK_EQUAL(folder.path() + "/f.toml:" + expected + "\n", found);
  }
};

TEST(ConfigSecrets, ValuesAreTakenByTheByte) {
  CHECK_EQUAL(std::string("0123456789abcdef"),
              value_of("id = \"a\"\nvalue = \"0123456789abcdef\"\n"));
  CHECK_EQUAL(std::string("4f4b4f4b4f4b4f4b4f4b4f4b"),
              value_of("id = \"a\"\nvalue = \"4f4b4f4b4f4b4f4b4f4b4f4b\"\n"));
}

TEST(ConfigSecrets, PrefixesDecode) {
  CHECK_EQUAL(std::string("000102030405060708090a0b0c0d0eff"),
              base::to_hex(base::bytes_of(
                  value_of("id = \"a\"\nvalue = \"hex:000102030405060708090a0B0C0d0Eff\"\n"))));
  CHECK_EQUAL(std::string("0123456789abcdef"),
              value_of("id = \"a\"\nvalue = \"b64:MDEyMzQ1Njc4OWFiY2RlZg==\"\n"));
  only(
      "4:9: error: `auth.secret.value` begins with hex: but what follows is not pairs of "
      "hexadecimal digits",
      "id = \"a\"\nvalue = \"hex:012\"\n");
  only(
      "4:9: error: `auth.secret.value` begins with hex: but what follows is not pairs of "
      "hexadecimal digits",
      "id = \"a\"\nvalue = \"hex:0g\"\n");
  only(
      "4:9: error: `auth.secret.value` begins with b64: but what follows is not base64 with its "
      "padding",
      "id = \"a\"\nvalue = \"b64:MDE\"\n");
}

TEST(ConfigSecrets, FilesLoseOneNewline) {
  const std::string text = "0123456789abcdef";
  for (const char* end : {"", "\n", "\r\n"}) {
    const std::string path = folder.write("s", text + end);
    CHECK_EQUAL(text, value_of("id = \"a\"\nfile = \"" + path + "\"\n"));
  }
  const std::string path = folder.write("s", text + "\n\n");
  CHECK_EQUAL(text + "\n", value_of("id = \"a\"\nfile = \"" + path + "\"\n"));
  only("4:8: warning: secret file " + path + " holds white space, which is part of the secret",
       "id = \"a\"\nfile = \"" + path + "\"\n");
}

TEST(ConfigSecrets, FilesDecodeToo) {
  const std::string path = folder.write("s", "b64:MDEyMzQ1Njc4OWFiY2RlZg==\n");
  CHECK_EQUAL(std::string("0123456789abcdef"), value_of("id = \"a\"\nfile = \"" + path + "\"\n"));
}

TEST(ConfigSecrets, RelativePathsStartAtTheConfiguration) {
  static_cast<void>(folder.write("s", "0123456789abcdef\n"));
  CHECK_EQUAL(std::string("0123456789abcdef"), value_of("id = \"a\"\nfile = \"s\"\n"));
}

TEST(ConfigSecrets, AnAbsentFileIsAnErrorWithAHint) {
  const std::string path = folder.path() + "/none";
  only("4:8: error: secret file " + path +
           " cannot be read: No such file or directory: make it with (umask 027; openssl "
           "rand -base64 32 > " +
           path + ")",
       "id = \"a\"\nfile = \"none\"\n");
}

TEST(ConfigSecrets, AFileThatWeMayNotReadIsAnErrorWithAHint) {
  const std::string path = folder.write("s", "0123456789abcdef\n", 0000);
  const std::string lines = "id = \"a\"\nfile = \"s\"\n";
  // Root reads everything, so it steps aside.
  const uid_t self = ::geteuid();
  if (self == 0) {
    CHECK_EQUAL(0, ::seteuid(65534));
  }
  const LoadedConfig loaded = load(lines);
  CHECK_EQUAL(0, ::seteuid(self));
  CHECK_EQUAL(
      folder.path() + "/f.toml:4:8: error: secret file " + path +
          " cannot be read: Permission denied: let the server's group read it, chgrp turnpike " +
          path + " && chmod 640 " + path,
      loaded.problems.at(0).to_string());
}

TEST(ConfigSecrets, AFolderIsNoFile) {
  only("4:8: error: secret file " + folder.path() + " is a directory",
       "id = \"a\"\nfile = \"" + folder.path() + "\"\n");
}

TEST(ConfigSecrets, AFileThatOthersReadIsAnError) {
  for (const mode_t mode : {0644U, 0604U, 0602U}) {
    const std::string path = folder.write("s", "0123456789abcdef\n", mode);
    only("4:8: error: secret file " + path +
             " can be read or written by every user of this host: chmod o= " + path +
             " (in Kubernetes: defaultMode: 0440)",
         "id = \"a\"\nfile = \"s\"\n");
  }
  static_cast<void>(folder.write("s", "0123456789abcdef\n", 0640));
  CHECK_EQUAL(0U, load("id = \"a\"\nfile = \"s\"\n").problems.size());
}

TEST(ConfigSecrets, EmptyIsAnError) {
  const std::string path = folder.write("s", "\n");
  const std::string hint = " is empty: fill it with openssl rand -base64 32";
  only("4:8: error: secret file " + path + hint, "id = \"a\"\nfile = \"s\"\n");
  only("4:9: error: `auth.secret.value`" + hint, "id = \"a\"\nvalue = \"\"\n");
  only("4:9: error: `auth.secret.value`" + hint, "id = \"a\"\nvalue = \"hex:\"\n");
  only("4:8: error: `auth.secret.file` is empty: name a file", "id = \"a\"\nfile = \"\"\n");
}

TEST(ConfigSecrets, ShortIsAWarning) {
  const std::string end = ", so it can be guessed from any credential: use at least 16";
  only("4:9: warning: `auth.secret.value` has 15 bytes" + end,
       "id = \"a\"\nvalue = \"0123456789abcde\"\n");
  only("4:9: warning: `auth.secret.value` has 1 byte" + end, "id = \"a\"\nvalue = \"hex:00\"\n");
}

TEST(ConfigSecrets, OneSourceEach) {
  only("5:9: error: `auth.secret.value` and `file` are both there: keep one",
       "id = \"a\"\nfile = \"s\"\nvalue = \"0123456789abcdef\"\n");
}

TEST(ConfigSecrets, TheServiceManagerCanSupplyThem) {
  const support::TemporaryFolder credentials;
  static_cast<void>(credentials.write("2026-11", "0123456789abcdef\n", 0444));
  CHECK_EQUAL(std::string("0123456789abcdef"), value_of("id = \"2026-11\"\n", credentials.path()));
  only("2:1: error: secret `2026-10` has neither `file` nor `value`, and the credential " +
           credentials.path() + "/2026-10 cannot be read: No such file or directory",
       "id = \"2026-10\"\n",
       credentials.path());
  only(
      "2:1: error: secret `a` has neither `file` nor `value`: write such as file = "
      "\"/etc/turnpike/secrets/a\", or pass it "
      "with systemd's LoadCredential=a:PATH",
      "id = \"a\"\n");
}

TEST(ConfigSecrets, AFileGoesBeforeACredential) {
  const support::TemporaryFolder credentials;
  static_cast<void>(credentials.write("a", "of the service manager\n"));
  CHECK_EQUAL(std::string("0123456789abcdef"),
              value_of("id = \"a\"\nvalue = \"0123456789abcdef\"\n", credentials.path()));
}

TEST(ConfigSecrets, IdsAreNamesThatStandOnce) {
  const std::string rule =
      " must be 1 to 64 letters, digits, hyphens, underscores and dots, the first no dot; this is ";
  for (const std::string& bad : {std::string(),
                                 std::string("../x"),
                                 std::string("a b"),
                                 std::string(".a"),
                                 std::string(65, 'x')}) {
    only("3:6: error: `auth.secret.id`" + rule + "`" + bad + "`",
         "id = \"" + bad + "\"\nvalue = \"0123456789abcdef\"\n");
  }
  only("2:1: error: [[auth.secret]] has no `id`: name it, for logs, such as id = \"2026-11\"",
       "value = \"0123456789abcdef\"\n");
  only("6:6: error: `auth.secret.id` is `a` a second time: each secret needs an id of its own",
       "id = \"a\"\nvalue = \"0123456789abcdef\"\n[[auth.secret]]\nid = \"a\"\nvalue = "
       "\"fedcba9876543210\"\n");
}

TEST(ConfigSecrets, TheNewestIsTheFirst) {
  const LoadedConfig loaded = load(
      "id = \"new\"\nvalue = \"0123456789abcdef\"\n[[auth.secret]]\nid = \"old\"\nvalue = "
      "\"fedcba9876543210\"\n");
  CHECK_EQUAL(std::string("new"), loaded.config->secrets.at(0).id);
  CHECK_EQUAL(std::string("old"), loaded.config->secrets.at(1).id);
}

TEST(ConfigSecrets, MessagesDoNotShowTheValue) {
  only("4:9: error: `auth.secret.value` must be a text in quotes", "id = \"a\"\nvalue = 123456\n");
}
