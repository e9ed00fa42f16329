// SPDX-License-Identifier: Apache-2.0
#include "support/captured_stderr.hpp"

#include "base/check.hpp"

#include <array>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace support {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  if (begin != text.size()) {
    lines.push_back(text.substr(begin) + " (without an end)");
  }
  return lines;
}

}  // namespace

CapturedStderr::CapturedStderr(Into into) : saved_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
  CHECK(saved_.is_open());
  if (into == Into::File) {
    file_ = net::Fd(::memfd_create("stderr", MFD_CLOEXEC));
    CHECK(file_.is_open() && ::dup2(file_.get(), STDERR_FILENO) >= 0);
    return;
  }
  std::array<int, 2> ends{};
  CHECK(::pipe2(ends.data(), O_CLOEXEC) == 0);
  file_ = net::Fd(ends[0]);
  const net::Fd writing(ends[1]);
  CHECK(::dup2(writing.get(), STDERR_FILENO) >= 0);
}

CapturedStderr::~CapturedStderr() {
  release();
}

void CapturedStderr::release() {
  if (!is_released_) {
    is_released_ = true;
    CHECK(::dup2(saved_.get(), STDERR_FILENO) >= 0);
  }
}

std::vector<std::string> CapturedStderr::lines() const {
  std::string text;
  std::array<char, 65536> buffer{};
  for (off_t offset = 0;;) {
    const ssize_t count = ::pread(file_.get(), buffer.data(), buffer.size(), offset);
    CHECK(count >= 0);
    if (count == 0) {
      return lines_of(text);
    }
    text.append(buffer.data(), static_cast<std::size_t>(count));
    offset += count;
  }
}

std::vector<std::string> CapturedStderr::read_pipe() {
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t count = ::read(file_.get(), buffer.data(), buffer.size());
    CHECK(count >= 0);
    if (count == 0) {
      return lines_of(text);
    }
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace support
