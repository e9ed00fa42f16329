// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/fd.hpp"

#include <string>
#include <vector>

namespace support {

/// Takes what the process writes to stderr, as long as it lives.
class CapturedStderr {
 public:
  /// A pipe may be left unread, and then stands still when it is full; a file takes everything.
  enum class Into : std::uint8_t { File, Pipe };

  explicit CapturedStderr(Into into = Into::File);
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;
  CapturedStderr(CapturedStderr&&) = delete;
  CapturedStderr& operator=(CapturedStderr&&) = delete;
  ~CapturedStderr();

  /// Lines of the file so far.
  [[nodiscard]] std::vector<std::string> lines() const;
  /// Reads the pipe to its end. To be called in a thread of its own, while the writer still lives.
  [[nodiscard]] std::vector<std::string> read_pipe();
  /// Gives stderr back; a reader of the pipe meets its end.
  void release();

 private:
  net::Fd saved_;
  net::Fd file_;  ///< Or the pipe's end to read from.
  bool is_released_ = false;
};

}  // namespace support
