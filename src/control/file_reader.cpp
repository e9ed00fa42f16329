// SPDX-License-Identifier: Apache-2.0
#include "control/file_reader.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
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

/// Whether every folder on the way lets others pass: else the mode of the file itself does not
/// matter.
bool is_reachable_by_others(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr),
                                                             &std::free);
  if (!resolved) {
    return true;
  }
  std::string folder = resolved.get();
  for (std::size_t slash = folder.rfind('/'); slash != std::string::npos;
       slash = folder.rfind('/')) {
    folder.resize(slash);
    struct stat status = {};
    if (::stat(folder.empty() ? "/" : folder.c_str(), &status) == 0 &&
        (status.st_mode & S_IXOTH) == 0) {
      return false;
    }
  }
  return true;
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
  content.is_open_to_others =
      (status.st_mode & (S_IROTH | S_IWOTH)) != 0 && is_reachable_by_others(path);
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
