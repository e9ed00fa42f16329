// SPDX-License-Identifier: Apache-2.0
#include "control/config_keys.hpp"

#include "support/config_text.hpp"
#include "support/test.hpp"

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

using control::ConfigKey;
using control::KeyApplies;

namespace {

std::string file_text(const std::string& name) {
  std::ifstream file(TURNPIKE_SOURCE_DIR "/" + name);
  CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string section_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? "" : std::string(path.substr(0, dot));
}

std::string leaf_of(std::string_view path) {
  return std::string(path.substr(path.rfind('.') + 1));
}

/// "[auth]" or "[[auth.secret]]".
std::string heading_of(std::string_view path) {
  const std::string section = section_of(path);
  return section.ends_with("[]") ? "[[" + section.substr(0, section.size() - 2) + "]]"
                                 : "[" + section + "]";
}

/// The lines of etc/turnpike.toml between the heading of a section and the next.
std::string lines_of_section(const std::string& text, const std::string& heading) {
  std::istringstream lines(text);
  std::string found;
  bool is_inside = heading == "[]";
  for (std::string line; std::getline(lines, line);) {
    const std::string bare = line.starts_with("#[") ? line.substr(1) : line;
    if (bare.starts_with('[')) {
      is_inside = bare == heading;
    }
    found += is_inside ? line + "\n" : "";
  }
  return found;
}

/// The text with each "#key = value" and "#[[section]]" in force.
std::string uncommented(const std::string& text) {
  return std::regex_replace(text, std::regex("(^|\n)#(?=[a-z_0-9]+ = |\\[)"), "$1");
}

}  // namespace

TEST_GROUP(ConfigKeys) {
  const std::string etc = file_text("etc/turnpike.toml");
  const std::string man = file_text("docs/man/turnpike.toml.5");
};

TEST(ConfigKeys, PathsAreFoundAndStandOnce) {
  for (const ConfigKey& key : control::config_keys()) {
    POINTERS_EQUAL(&key, control::find_config_key(key.path));
    CHECK_FALSE(control::is_config_section(key.path));
    const std::string section = section_of(key.path);
    CHECK_TRUE(section.empty() || control::is_config_section(section));
    CHECK_EQUAL(key.applies == KeyApplies::Later, key.read == nullptr);
  }
  POINTERS_EQUAL(nullptr, control::find_config_key("limits"));
  CHECK_FALSE(control::is_config_section("limit"));
}

TEST(ConfigKeys, TheDefaultsInTheTableAreThoseOfTheStructs) {
  const control::Config plain;
  const control::Config loaded = support::loaded_with("");
  CHECK_EQUAL(plain.fixed.workers, loaded.fixed.workers);
  CHECK_EQUAL(plain.fixed.relay_auto, loaded.fixed.relay_auto);
  CHECK_TRUE(plain.fixed.relay_ports == loaded.fixed.relay_ports);
  CHECK_TRUE(plain.coalesce == loaded.coalesce);
  CHECK_TRUE(plain.ice.ttl == loaded.ice.ttl);
  CHECK_EQUAL(plain.log_level, loaded.log_level);
  CHECK_EQUAL(plain.log_format, loaded.log_format);
  CHECK_EQUAL(plain.policy.software, loaded.policy.software);
  CHECK_TRUE(plain.policy.lifetime_max == loaded.policy.lifetime_max);
  CHECK_TRUE(plain.policy.nonce_lifetime == loaded.policy.nonce_lifetime);
  CHECK_EQUAL(plain.policy.allocations, loaded.policy.allocations);
  CHECK_EQUAL(plain.policy.allocations_per_user, loaded.policy.allocations_per_user);
  CHECK_EQUAL(plain.policy.permissions_per_allocation, loaded.policy.permissions_per_allocation);
  CHECK_EQUAL(plain.policy.channels_per_allocation, loaded.policy.channels_per_allocation);
  CHECK_EQUAL(plain.policy.unauthenticated_per_second, loaded.policy.unauthenticated_per_second);
  CHECK_EQUAL(plain.policy.strict_expiry, loaded.policy.strict_expiry);
  CHECK_EQUAL(plain.policy.classic_stun, loaded.policy.classic_stun);
}

TEST(ConfigKeys, TheDefaultFileHasEveryKeyAtItsDefault) {
  for (const ConfigKey& key : control::config_keys()) {
    if (key.applies == KeyApplies::Later) {
      continue;
    }
    const std::string lines = lines_of_section(etc, heading_of(key.path));
    const std::string wanted = key.otherwise.empty() ? leaf_of(key.path) + " = "
                                                     : "\n#" + leaf_of(key.path) + " = " +
                                                           std::string(key.otherwise) + "\n";
    CHECK_TRUE_TEXT(lines.find(wanted) != std::string::npos, std::string(key.path).c_str());
  }
}

TEST(ConfigKeys, TheDefaultFileMarksWhatARestartTakes) {
  const std::regex key_line("#?([a-z_0-9]+) = .*");
  std::istringstream lines(etc);
  std::string section;
  std::string comment;
  bool is_behind_key = false;
  unsigned count = 0;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, key_line)) {
      const ConfigKey* key = control::find_config_key(section + match[1].str());
      CHECK_TRUE_TEXT(key != nullptr, line.c_str());
      CHECK_EQUAL_TEXT(key->applies == KeyApplies::Restart,
                       comment.find("(restart)") != std::string::npos,
                       line.c_str());
      is_behind_key = true;
      ++count;
      continue;
    }
    if (std::regex_match(line, match, std::regex("#?\\[([a-z.]+)\\]"))) {
      section = match[1].str() + ".";
    } else if (std::regex_match(line, match, std::regex("#?\\[\\[([a-z.]+)\\]\\]"))) {
      section = match[1].str() + "[].";
    }
    // A comment is for all the keys that follow it without a break.
    comment = is_behind_key || line.empty() ? line : comment + line;
    is_behind_key = false;
  }
  CHECK_TRUE(count > 20);
}

TEST(ConfigKeys, TheDefaultFileLacksOnlyTheSecret) {
  CHECK_TRUE(support::problems_of(etc).find("f.toml:") == 0);
  const std::string found = support::problems_of(etc);
  CHECK_TRUE_TEXT(
      found.find("error: secret `1` has neither `file` nor `value`: write such as file = "
                 "\"/etc/turnpike/secrets/1\"") != std::string::npos,
      found.c_str());
  CHECK_EQUAL(found.find('\n'), found.size() - 1);
}

TEST(ConfigKeys, OneLineMakesTheDefaultFileServe) {
  const std::string line = "#file = \"/etc/turnpike/secrets/1\"";
  std::string text = etc;
  const std::size_t at = text.find(line);
  CHECK_TRUE(at != std::string::npos);
  text.replace(at, line.size(), "value = \"0123456789abcdef\"");
  CHECK_EQUAL("", support::problems_of(text));
}

TEST(ConfigKeys, EveryLineOfTheDefaultFileWouldDo) {
  std::string text = uncommented(etc);
  const std::string line = "file = \"/etc/turnpike/secrets/1\"";
  text.replace(text.find(line), line.size(), "value = \"0123456789abcdef\"");
  CHECK_EQUAL("", support::problems_of(text));
  const auto loaded = control::parse_config(text, "f.toml", {}, "");
  CHECK_EQUAL(1U, loaded.config->users.size());
  CHECK_TRUE(loaded.config->fixed == support::loaded_with("").fixed);
}

TEST(ConfigKeys, TheManualHasEveryKeyWithItsDefaultAndWhatAChangeTakes) {
  for (const ConfigKey& key : control::config_keys()) {
    const std::string heading = heading_of(key.path);
    if (key.applies == KeyApplies::Later) {
      // Named where the page tells what this version does not serve.
      const std::size_t later = man.find(".Sh NOT SERVED YET");
      CHECK_TRUE_TEXT(
          man.find("\n.It Li " + std::string(key.path) + "\n", later) != std::string::npos,
          std::string(key.path).c_str());
      continue;
    }
    // ".It Ic KEY" below ".Ss HEADING", its text up to the next item.
    const std::size_t section =
        heading == "[]" ? man.find(".Ss Top of the file") : man.find(".Ss " + heading + "\n");
    CHECK_TRUE_TEXT(section != std::string::npos, heading.c_str());
    const std::size_t section_end = man.find("\n.S", section + 1);
    const std::size_t item = man.find(".It Ic " + leaf_of(key.path) + "\n", section);
    CHECK_TRUE_TEXT(item < section_end, std::string(key.path).c_str());
    const std::string text =
        man.substr(item, std::min(man.find("\n.It", item), man.find("\n.El", item)) - item);
    const std::string applies = key.applies == KeyApplies::Restart ? "Restart." : "Reload.";
    CHECK_TRUE_TEXT(text.find(applies) != std::string::npos, std::string(key.path).c_str());
    if (!key.otherwise.empty()) {
      std::string shown = "Default: ";
      shown += key.otherwise;
      CHECK_TRUE_TEXT(text.find(shown + ".") != std::string::npos,
                      (std::string(key.path) + ": " + shown).c_str());
    }
  }
}
