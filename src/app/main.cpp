// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "control/serve.hpp"

int main(int argc, char** argv) {
  control::ServeOptions options;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    options.environment.emplace_back(*entry);
  }
  options.config_path = "/etc/turnpike/turnpike.toml";
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--config") == 0) {
      options.config_path = argv[i + 1];
    }
  }
  return control::serve(options);
}
