// SPDX-License-Identifier: Apache-2.0
#include "control/config_environment.hpp"

#include "control/config_keys.hpp"
#include "control/suggest.hpp"

#include <algorithm>
#include <charconv>

namespace control {
namespace {

constexpr std::string_view kPrefix = "TURNPIKE_";
/// A single shared secret, for containers: replaces every [[auth.secret]].
constexpr std::string_view kSecretVariable = "TURNPIKE_AUTH__SECRET";

/// "limits.lifetime_max" becomes "TURNPIKE_LIMITS__LIFETIME_MAX".
std::string variable_of(std::string_view path) {
  std::string name(kPrefix);
  for (const char c : path) {
    if (c == '.') {
      name += "__";
    } else {
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return name;
}

std::string without_underscores(std::string_view name) {
  std::string left(name);
  left.erase(std::remove(left.begin(), left.end(), '_'), left.end());
  return left;
}

std::vector<std::string> known_variables() {
  std::vector<std::string> names = {std::string(kSecretVariable)};
  for (const ConfigKey& key : config_keys()) {
    if (key.path.find('[') == std::string_view::npos) {
      names.push_back(variable_of(key.path));
    }
  }
  return names;
}

ConfigNode text_node(std::string_view text, const ConfigPlace& place) {
  ConfigNode node;
  node.kind = ConfigNode::Kind::Text;
  node.place = place;
  node.name_place = place;
  node.text = std::string(text);
  return node;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split_at_commas(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!trimmed(text).empty()) {
    const std::size_t comma = text.find(',');
    parts.push_back(trimmed(text.substr(0, comma)));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return parts;
}

/// The value as a file would hold it, when it reads as the wanted kind; else as text, which the key
/// then refuses.
ConfigNode node_from(std::string_view value, ConfigNode::Kind kind, const ConfigPlace& place) {
  ConfigNode node;
  node.kind = kind;
  node.place = node.name_place = place;
  if (kind == ConfigNode::Kind::Flag && (value == "true" || value == "false")) {
    node.flag = value == "true";
    return node;
  }
  if (kind == ConfigNode::Kind::Number) {
    const char* const end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, node.number);
    if (error == std::errc() && rest == end) {
      return node;
    }
  }
  if (kind != ConfigNode::Kind::List && kind != ConfigNode::Kind::Table) {
    return text_node(value, place);
  }
  for (const std::string_view part : split_at_commas(value)) {
    if (kind == ConfigNode::Kind::List) {
      node.members.push_back(text_node(part, place));
      continue;
    }
    const std::size_t equals = part.find('=');
    const bool has_right = equals != std::string_view::npos;
    node.members.push_back(text_node(has_right ? trimmed(part.substr(equals + 1)) : "", place));
    node.members.back().name = std::string(trimmed(part.substr(0, equals)));
  }
  return node;
}

/// Puts the node at a path like "limits.allocations", making the tables on the way. What the file
/// says wrongly there stays, to be reported.
void put(ConfigNode& root, std::string_view path, ConfigNode node) {
  ConfigNode* table = &root;
  while (true) {
    const std::size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    auto found = std::find_if(table->members.begin(),
                              table->members.end(),
                              [&](const ConfigNode& member) { return member.name == name; });
    if (found == table->members.end()) {
      ConfigNode member;
      member.name = std::string(name);
      member.name_place = member.place = node.place;
      found = table->members.insert(found, std::move(member));
    }
    if (dot == std::string_view::npos) {
      node.name = std::string(name);
      *found = std::move(node);
      return;
    }
    if (found->kind != ConfigNode::Kind::Table) {
      return;
    }
    table = &*found;
    path.remove_prefix(dot + 1);
  }
}

void put_secret(ConfigNode& root, std::string_view value, const ConfigPlace& place) {
  ConfigNode secret;
  secret.place = place;
  secret.members = {text_node("environment", place), text_node(value, place)};
  secret.members[0].name = "id";
  secret.members[1].name = "value";
  ConfigNode list;
  list.kind = ConfigNode::Kind::List;
  list.place = list.name_place = place;
  list.members.push_back(std::move(secret));
  put(root, "auth.secret", std::move(list));
}

void report_unknown(const std::string& variable, ConfigProblems& problems) {
  const std::vector<std::string> known = known_variables();
  const auto same_letters = std::find_if(known.begin(), known.end(), [&](const std::string& name) {
    return without_underscores(name) == without_underscores(variable);
  });
  const ConfigPlace place{variable, 0, 0};
  if (same_letters != known.end()) {
    problems.error(place, "is not a key: did you mean " + *same_letters + "?");
    return;
  }
  // Without the two underscores it need not be ours: container platforms make such names from that
  // of a service.
  if (variable.find("__") == std::string::npos) {
    return;
  }
  const auto near = nearest(variable, {known.begin(), known.end()});
  problems.error(place,
                 near ? "is not a key: did you mean " + std::string(*near) + "?"
                      : std::string("is not a key: see turnpike.toml(5) for what there is"));
}

}  // namespace

void override_from_environment(const std::vector<std::string>& environment,
                               const ConfigNode& defaults,
                               ConfigNode& root,
                               ConfigProblems& problems) {
  for (const std::string& entry : environment) {
    const std::size_t equals = entry.find('=');
    if (!entry.starts_with(kPrefix) || equals == std::string::npos) {
      continue;
    }
    const std::string variable = entry.substr(0, equals);
    const std::string_view value = std::string_view(entry).substr(equals + 1);
    const ConfigPlace place{variable, 0, 0};
    if (variable == kSecretVariable) {
      put_secret(root, value, place);
      continue;
    }
    const auto keys = config_keys();
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const ConfigKey& one) {
      return one.path.find('[') == std::string_view::npos && variable_of(one.path) == variable;
    });
    if (key == keys.end()) {
      report_unknown(variable, problems);
      continue;
    }
    const ConfigNode* otherwise = defaults.find(key->path);
    put(root,
        key->path,
        node_from(value, otherwise != nullptr ? otherwise->kind : ConfigNode::Kind::Text, place));
  }
}

}  // namespace control
