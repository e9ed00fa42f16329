// SPDX-License-Identifier: Apache-2.0
#include "support/config_text.hpp"

#include "base/check.hpp"

namespace support {

control::Config loaded_with(const std::string& extra, const std::vector<std::string>& environment) {
  auto loaded = control::parse_config(config_with(extra), "f.toml", environment, "");
  CHECK(loaded.config.has_value());
  return *std::move(loaded.config);
}

}  // namespace support
