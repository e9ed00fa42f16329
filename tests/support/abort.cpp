// SPDX-License-Identifier: Apache-2.0
#include "support/abort.hpp"

#include "base/check.hpp"

#include <csignal>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace support {

bool aborts(const std::function<void()>& act) {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    // The child's last words are expected and would only disturb the test's report.
    const int null_device = open("/dev/null", O_WRONLY);
    static_cast<void>(dup2(null_device, STDERR_FILENO));
    static_cast<void>(std::signal(SIGABRT, SIG_DFL));
    act();
    _exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace support
