// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <string>

namespace control {

/// A whole file and who may read it.
struct FileContent {
  std::string text;
  bool is_open_to_others = false;  ///< Any user of this host can read or write it.
};

struct FileError {
  int number = 0;    ///< errno; 0 when the system did not object.
  std::string text;  ///< "cannot be read: No such file or directory".
};

/// Reads a regular file of at most `bytes_max` bytes. Never waits: a pipe is an error.
[[nodiscard]] base::Result<FileContent, FileError> read_file(const std::string& path,
                                                             std::size_t bytes_max);

}  // namespace control
