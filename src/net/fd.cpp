// SPDX-License-Identifier: Apache-2.0
#include "net/fd.hpp"

#include <unistd.h>

namespace net {

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    const Fd old(std::exchange(fd_, std::exchange(other.fd_, -1)));
  }
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

}  // namespace net
