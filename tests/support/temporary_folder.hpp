// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

namespace support {

/// A folder of its own under the system's, gone at the end with the files that were written through
/// it.
class TemporaryFolder {
 public:
  /// 0755, so that the modes of its files decide.
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  TemporaryFolder(TemporaryFolder&&) = delete;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::string& path() const { return path_; }

  /// Writes a file of this mode and returns its path.
  [[nodiscard]] std::string write(std::string_view name,
                                  std::string_view text,
                                  mode_t mode = 0600) const;
  void set_mode(mode_t mode) const;

 private:
  std::string path_;
};

}  // namespace support
