// SPDX-License-Identifier: Apache-2.0
// Stands in for libFuzzer where there is none: feeds every file of the folders and files named to
// the target.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> files_of(const std::filesystem::path& place) {
  if (!std::filesystem::is_directory(place)) {
    return {place};
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool replay(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    static_cast<void>(std::fprintf(stderr, "cannot read %s\n", file.c_str()));
    return false;
  }
  // An allocation of exactly the input's size, so that AddressSanitizer sees a read past its end.
  std::vector<char> input{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  input.shrink_to_fit();
  std::printf("%s: %zu bytes\n", file.c_str(), input.size());
  static_cast<void>(std::fflush(stdout));  // The last line names the culprit of a crash.
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& file : files_of(argv[i])) {
      if (!replay(file)) {
        return 1;
      }
      ++count;
    }
  }
  std::printf("replayed %zu inputs\n", count);
  // An empty corpus would be a test that cannot fail.
  return count == 0 ? 1 : 0;
}
