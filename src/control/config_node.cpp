// SPDX-License-Identifier: Apache-2.0
#include "control/config_node.hpp"

#include <algorithm>

#include <toml++/toml.h>

namespace control {
namespace {

ConfigPlace place_of(const toml::source_region& region) {
  return {"", region.begin.line, region.begin.column};
}

ConfigNode copy_node(const toml::node& from);

void copy_members(ConfigNode& to, const toml::table& from) {
  for (const auto& [key, value] : from) {
    ConfigNode member = copy_node(value);
    member.name = std::string(key.str());
    member.name_place = place_of(key.source());
    to.members.push_back(std::move(member));
  }
  // toml++ sorts by name.
  std::stable_sort(
      to.members.begin(), to.members.end(), [](const ConfigNode& left, const ConfigNode& right) {
        return std::pair(left.name_place.line, left.name_place.column) <
               std::pair(right.name_place.line, right.name_place.column);
      });
}

ConfigNode copy_node(const toml::node& from) {
  ConfigNode node;
  node.place = place_of(from.source());
  if (const auto* table = from.as_table()) {
    copy_members(node, *table);
  } else if (const auto* list = from.as_array()) {
    node.kind = ConfigNode::Kind::List;
    for (const toml::node& item : *list) {
      node.members.push_back(copy_node(item));
    }
  } else if (const auto* text = from.as_string()) {
    node.kind = ConfigNode::Kind::Text;
    node.text = text->get();
  } else if (const auto* number = from.as_integer()) {
    node.kind = ConfigNode::Kind::Number;
    node.number = number->get();
  } else if (const auto* flag = from.as_boolean()) {
    node.kind = ConfigNode::Kind::Flag;
    node.flag = flag->get();
  } else {
    node.kind = ConfigNode::Kind::Other;
    node.text = from.is_floating_point() ? "a number with a fraction" : "a date or time of day";
  }
  return node;
}

bool is_same_table(const ConfigNode& left, const ConfigNode& right) {
  return left.members.size() == right.members.size() &&
         std::all_of(left.members.begin(), left.members.end(), [&](const ConfigNode& member) {
           const ConfigNode* other = right.find(member.name);
           return other != nullptr && is_same_value(member, *other);
         });
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view member) const {
  const auto found = std::find_if(
      members.begin(), members.end(), [&](const ConfigNode& node) { return node.name == member; });
  return found == members.end() ? nullptr : &*found;
}

bool is_same_value(const ConfigNode& left, const ConfigNode& right) {
  if (left.kind != right.kind) {
    return false;
  }
  if (left.kind == ConfigNode::Kind::Table) {
    return is_same_table(left, right);
  }
  return left.flag == right.flag && left.number == right.number && left.text == right.text &&
         std::equal(left.members.begin(),
                    left.members.end(),
                    right.members.begin(),
                    right.members.end(),
                    is_same_value);
}

base::Result<ConfigNode, ConfigProblem> parse_toml(std::string_view text, const std::string& path) {
  try {
    return copy_node(toml::parse(text, path));
  } catch (const toml::parse_error& error) {
    const ConfigPlace place = place_of(error.source());
    return base::failure(
        ConfigProblem{path, place.line, place.column, false, std::string(error.description())});
  }
}

}  // namespace control
