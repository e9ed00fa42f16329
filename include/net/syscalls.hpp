// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

namespace net {

/// The system calls of sockets, in one table so that tests can make the n-th one fail.
struct Syscalls {
  int (*socket)(int, int, int);
  int (*bind)(int, const sockaddr*, socklen_t);
  int (*listen)(int, int);
  int (*setsockopt)(int, int, int, const void*, socklen_t);
  int (*recvmmsg)(int, mmsghdr*, unsigned int, int, timespec*);
  int (*sendmmsg)(int, mmsghdr*, unsigned int, int);
  ssize_t (*sendmsg)(int, const msghdr*, int);
  ssize_t (*recvmsg)(int, msghdr*, int);
  ssize_t (*sendto)(int, const void*, size_t, int, const sockaddr*, socklen_t);
};

/// The kernel's.
[[nodiscard]] const Syscalls& real_syscalls();

}  // namespace net
