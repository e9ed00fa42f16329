// SPDX-License-Identifier: Apache-2.0
#include "control/file_reader.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace control {
namespace {

/// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;

  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }

  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

FileError system_error(int number) {
  return {number, "cannot be read: " + std::generic_category().message(number)};
}

}  // namespace

base::Result<FileContent, FileError> read_file(const std::string& path, std::size_t bytes_max) {
  if (path.find('\0') != std::string::npos) {
    return base::failure(FileError{EINVAL, "cannot be read: its name holds a NUL"});
  }
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status = {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
    return base::failure(system_error(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return base::failure(
        FileError{0, S_ISDIR(status.st_mode) ? "is a directory" : "is not a regular file"});
  }
  FileContent content;
  content.is_open_to_others = (status.st_mode & S_IRWXO) != 0;
  std::array<char, 4096> block{};
  while (content.text.size() <= bytes_max) {
    const ssize_t got = ::read(file.number(), block.data(), block.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return base::failure(system_error(errno));
    }
    if (got == 0) {
      return content;
    }
    content.text.append(block.data(), static_cast<std::size_t>(got));
  }
  return base::failure(FileError{0, "has more than " + std::to_string(bytes_max) + " bytes"});
}

}  // namespace control
