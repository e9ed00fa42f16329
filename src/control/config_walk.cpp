// SPDX-License-Identifier: Apache-2.0
#include "control/config_walk.hpp"

#include "base/check.hpp"
#include "control/suggest.hpp"

#include <algorithm>
#include <set>

namespace control {
namespace {

constexpr std::string_view kNotServed = "is not served by turnpike " TURNPIKE_VERSION " yet";

/// "auth.secret[]" is shown as "auth.secret".
std::string shown(std::string_view path) {
  std::string text(path);
  for (std::size_t at = text.find("[]"); at != std::string::npos; at = text.find("[]")) {
    text.erase(at, 2);
  }
  return text;
}

/// "[auth]" or "[[auth.secret]]": how the section of this path is headed.
std::string heading(std::string_view path) {
  return path.ends_with("[]") ? "[[" + shown(path) + "]]" : "[" + shown(path) + "]";
}

std::string_view parent_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::string_view leaf_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

/// Names that may stand in the section of this path: keys and sections below it.
std::vector<std::string_view> names_below(std::string_view section) {
  std::vector<std::string_view> names;
  for (const ConfigKey& key : config_keys()) {
    if (!section.empty() && (!key.path.starts_with(section) || key.path[section.size()] != '.')) {
      continue;
    }
    const std::string_view rest = section.empty() ? key.path : key.path.substr(section.size() + 1);
    const std::string_view name = rest.substr(0, rest.find_first_of(".["));
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  return names;
}

class Walk {
 public:
  explicit Walk(const ConfigNode& defaults, ConfigDraft& draft)
      : defaults_(defaults), draft_(draft) {}

  void table(const ConfigNode& node, const std::string& path) {
    for (const ConfigNode& member : node.members) {
      this->member(member, path.empty() ? member.name : path + "." + member.name);
    }
  }

  void missing() {
    for (const ConfigNode& otherwise : defaults_.members) {
      const ConfigKey* key = find_config_key(otherwise.name);
      if (key->read != nullptr && !seen_.contains(otherwise.name)) {
        key->read(ConfigValue(otherwise.name, otherwise, *draft_.problems), draft_);
      }
    }
  }

 private:
  void member(const ConfigNode& node, const std::string& path) {
    const auto later = later_config_sections();
    if (const ConfigKey* key = find_config_key(path)) {
      read(*key, node);
    } else if (std::find(later.begin(), later.end(), path) != later.end()) {
      if (node.kind != ConfigNode::Kind::List || !node.members.empty()) {
        draft_.problems->error(node.name_place,
                               "[[" + path + "]] " + std::string(kNotServed) + ": leave it out");
      }
    } else if (is_config_section(path)) {
      section(node, path);
    } else if (is_config_section(path + "[]")) {
      sections(node, path + "[]");
    } else {
      unknown(node, path);
    }
  }

  void read(const ConfigKey& key, const ConfigNode& node) {
    seen_.insert(std::string(key.path));
    const ConfigValue value(shown(key.path), node, *draft_.problems);
    if (key.read != nullptr) {
      key.read(value, draft_);
      return;
    }
    const ConfigNode* otherwise = defaults_.find(key.path);
    CHECK(otherwise != nullptr);
    if (!is_same_value(node, *otherwise)) {
      value.error(std::string(kNotServed) + ": leave it out, or as " + std::string(key.otherwise));
    }
  }

  void section(const ConfigNode& node, const std::string& path) {
    if (node.kind == ConfigNode::Kind::Table) {
      table(node, path);
    } else {
      draft_.problems->error(node.name_place,
                             "`" + path + "` is a section: write " + heading(path) +
                                 " on a line of its own, and its keys below");
    }
  }

  void sections(const ConfigNode& node, const std::string& path) {
    const bool is_list = node.kind == ConfigNode::Kind::List;
    const bool is_tables =
        is_list && std::all_of(node.members.begin(), node.members.end(), [](const ConfigNode& one) {
          return one.kind == ConfigNode::Kind::Table;
        });
    if (!is_tables) {
      draft_.problems->error(node.name_place,
                             "`" + shown(path) + "` can be there several times: write " +
                                 heading(path) + ", with two brackets, above each");
      return;
    }
    for (const ConfigNode& one : node.members) {
      if (path == "auth.secret[]") {
        draft_.secrets.emplace_back().place = one.place;
      } else {
        CHECK(path == "auth.user[]");
        draft_.users.emplace_back().place = one.place;
      }
      table(one, path);
    }
  }

  void unknown(const ConfigNode& node, const std::string& path) {
    const std::string_view parent = parent_of(path);
    const std::string where = parent.empty() ? "" : " in " + heading(parent);
    draft_.problems->error(node.name_place,
                           "unknown key " + quoted(leaf_of(path)) + where + suggestion(path));
  }

  [[nodiscard]] static std::string suggestion(std::string_view path) {
    const std::string_view parent = parent_of(path);
    const std::string_view leaf = leaf_of(path);
    const std::vector<std::string_view> names = names_below(parent);
    if (const auto near = nearest(leaf, names)) {
      return ": did you mean `" + std::string(*near) + "`?";
    }
    for (const ConfigKey& key : config_keys()) {
      if (leaf_of(key.path) == leaf) {
        const std::string_view home = parent_of(key.path);
        return home.empty() ? ": it belongs at the top of the file, above the first [section]"
                            : ": it belongs under " + heading(home);
      }
    }
    std::string list;
    for (const std::string_view name : names) {
      list += (list.empty() ? "" : ", ") + std::string(name);
    }
    return (parent.empty() ? ": there are " : ": this section has ") + list;
  }

  const ConfigNode& defaults_;
  ConfigDraft& draft_;
  std::set<std::string> seen_;
};

}  // namespace

const ConfigNode& default_values() {
  static const ConfigNode values = [] {
    std::string text;
    for (const ConfigKey& key : config_keys()) {
      if (!key.otherwise.empty()) {
        text += "\"" + std::string(key.path) + "\" = " + std::string(key.otherwise) + "\n";
      }
    }
    auto parsed = parse_toml(text, "defaults");
    CHECK(parsed.has_value());
    return *std::move(parsed);
  }();
  return values;
}

void read_tree(const ConfigNode& root, const ConfigNode& defaults, ConfigDraft& draft) {
  Walk walk(defaults, draft);
  walk.table(root, "");
  walk.missing();
}

}  // namespace control
