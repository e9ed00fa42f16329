// SPDX-License-Identifier: Apache-2.0
#include "support/temporary_folder.hpp"

#include "base/check.hpp"

#include <filesystem>
#include <fstream>

#include <stdlib.h>
#include <sys/stat.h>

namespace support {

TemporaryFolder::TemporaryFolder()
    : path_((std::filesystem::temp_directory_path() / "turnpike-unit-XXXXXX").string()) {
  CHECK(::mkdtemp(path_.data()) != nullptr);
  set_mode(0755);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(std::string_view name,
                                   std::string_view text,
                                   mode_t mode) const {
  const std::string path = path_ + "/" + std::string(name);
  std::ofstream(path, std::ios::binary) << text;
  CHECK(::chmod(path.c_str(), mode) == 0);
  return path;
}

void TemporaryFolder::set_mode(mode_t mode) const {
  CHECK(::chmod(path_.c_str(), mode) == 0);
}

}  // namespace support
