// SPDX-License-Identifier: Apache-2.0
#include "control/config_auth.hpp"
#include "control/config_limits.hpp"
#include "control/file_reader.hpp"
#include "control/hex.hpp"
#include "crypto/base64.hpp"

#include <algorithm>
#include <cerrno>

namespace control {
namespace {

using Secret = ConfigDraft::Secret;

std::string_view without_newline(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
    if (text.ends_with('\r')) {
      text.remove_suffix(1);
    }
  }
  return text;
}

/// Where a secret's bytes come from, for messages about them.
struct Source {
  ConfigPlace place;
  std::string name;  ///< "`auth.secret.value`" or "secret file /etc/...".
};

/// The bytes that "hex:...", "b64:..." or plain text stand for.
std::optional<std::string> decode(std::string_view text,
                                  const Source& source,
                                  ConfigProblems& problems) {
  if (text.starts_with("hex:")) {
    if (const auto raw = parse_hex(text.substr(4))) {
      return std::string(base::text_of(*raw));
    }
    problems.error(
        source.place,
        source.name + " begins with hex: but what follows is not pairs of hexadecimal digits");
    return std::nullopt;
  }
  if (text.starts_with("b64:")) {
    if (const auto raw = crypto::parse_base64(text.substr(4))) {
      return std::string(base::text_of(*raw));
    }
    problems.error(
        source.place,
        source.name + " begins with b64: but what follows is not base64 with its padding");
    return std::nullopt;
  }
  return std::string(text);
}

std::string hint_for(int error_number, const std::string& path) {
  switch (error_number) {
    case ENOENT:
      return ": make it with (umask 027; openssl rand -base64 32 > " + path + ")";
    case EACCES:
      return ": let the server's group read it, chgrp turnpike " + path + " && chmod 640 " + path;
    default:
      return "";
  }
}

std::optional<std::string> read_secret_file(const std::string& path,
                                            const ConfigPlace& place,
                                            ConfigProblems& problems) {
  const auto content = read_file(path, kSecretFileBytesMax);
  if (!content) {
    problems.error(place,
                   "secret file " + path + " " + content.error().text +
                       hint_for(content.error().number, path));
    return std::nullopt;
  }
  if (content->is_open_to_others) {
    problems.error(place,
                   "secret file " + path +
                       " can be read or written by every user of this host: chmod o= " + path +
                       " (in Kubernetes: defaultMode: 0440)");
    return std::nullopt;
  }
  return content->text;
}

std::optional<std::string> check_bytes(std::string_view text,
                                       const Source& source,
                                       ConfigProblems& problems) {
  auto bytes = decode(text, source, problems);
  if (!bytes) {
    return std::nullopt;
  }
  if (bytes->empty()) {
    problems.error(source.place, source.name + " is empty: fill it with openssl rand -base64 32");
    return std::nullopt;
  }
  if (bytes->size() < kSecretBytesRecommended) {
    problems.warn(source.place,
                  source.name + " has " + std::to_string(bytes->size()) +
                      (bytes->size() == 1 ? " byte" : " bytes") +
                      ", so it can be guessed from any credential: use at least " +
                      std::to_string(kSecretBytesRecommended));
  }
  if (text == *bytes && text.find_first_of(" \t\r\n") != std::string_view::npos) {
    problems.warn(source.place, source.name + " holds white space, which is part of the secret");
  }
  return bytes;
}

std::optional<std::string> read_id(const Secret& secret, ConfigProblems& problems) {
  if (!secret.id) {
    problems.error(secret.place,
                   "[[auth.secret]] has no `id`: name it, for logs, such as id = \"2026-11\"");
    return std::nullopt;
  }
  auto id = secret.id->text();
  if (!id) {
    return std::nullopt;
  }
  const bool is_name = std::all_of(id->begin(), id->end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
  });
  if (id->empty() || id->size() > kSecretIdBytesMax || !is_name || id->front() == '.') {
    secret.id->error("must be 1 to " + std::to_string(kSecretIdBytesMax) +
                     " letters, digits, hyphens, underscores and dots, the first no dot; this is " +
                     quoted(*id));
    return std::nullopt;
  }
  return id;
}

/// From systemd's credentials: the last resort of a secret that says nothing about its value.
std::optional<std::string> read_credential(const Secret& secret,
                                           const std::string& id,
                                           const SecretPlaces& places,
                                           ConfigProblems& problems) {
  if (places.credentials_directory.empty()) {
    problems.error(secret.place,
                   "secret " + quoted(id) +
                       " has neither `file` nor `value`: write such as file = "
                       "\"/etc/turnpike/secrets/" +
                       id + "\", or pass it with systemd's LoadCredential=" + id + ":PATH");
    return std::nullopt;
  }
  // Its mode is systemd's business.
  const std::string path = places.credentials_directory + "/" + id;
  const auto content = read_file(path, kSecretFileBytesMax);
  if (!content) {
    problems.error(secret.place,
                   "secret " + quoted(id) + " has neither `file` nor `value`, and the credential " +
                       path + " " + content.error().text);
    return std::nullopt;
  }
  return check_bytes(
      without_newline(content->text), {secret.place, "credential " + path}, problems);
}

std::optional<std::string> read_value(const Secret& secret,
                                      const std::string& id,
                                      const SecretPlaces& places,
                                      ConfigProblems& problems) {
  if (secret.file && secret.value) {
    secret.value->error("and `file` are both there: keep one");
    return std::nullopt;
  }
  if (secret.value) {
    const auto text = secret.value->secret_text();
    return text ? check_bytes(
                      *text, {secret.value->place(), "`" + secret.value->name() + "`"}, problems)
                : std::nullopt;
  }
  if (!secret.file) {
    return read_credential(secret, id, places, problems);
  }
  const auto written = secret.file->text();
  if (!written || written->empty()) {
    if (written) {
      secret.file->error("is empty: name a file");
    }
    return std::nullopt;
  }
  const std::string path = written->starts_with('/') ? *written : places.config_folder + *written;
  const auto content = read_secret_file(path, secret.file->place(), problems);
  return content ? check_bytes(without_newline(*content),
                               {secret.file->place(), "secret file " + path},
                               problems)
                 : std::nullopt;
}

}  // namespace

void finish_secrets(ConfigDraft& draft, const SecretPlaces& places) {
  std::vector<std::string> ids;
  for (const Secret& secret : draft.secrets) {
    const auto id = read_id(secret, *draft.problems);
    if (id && std::find(ids.begin(), ids.end(), *id) != ids.end()) {
      secret.id->error("is " + quoted(*id) + " a second time: each secret needs an id of its own");
    }
    ids.push_back(id.value_or(""));
    // Without an id the value is still judged, so that both errors show at once.
    const auto value = read_value(secret, id.value_or("ID"), places, *draft.problems);
    if (id && value) {
      draft.config.secrets.push_back({*id, *value});
    }
  }
}

}  // namespace control
