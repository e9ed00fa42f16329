// SPDX-License-Identifier: Apache-2.0
#include "control/file_reader.hpp"

#include "support/temporary_folder.hpp"
#include "support/test.hpp"

#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

using control::read_file;

TEST_GROUP(FileReader) {
  support::TemporaryFolder folder;
};

TEST(FileReader, ReadsAllOfAFile) {
  const std::string text = std::string(10'000, 'x') + std::string("\0\n", 2);
  CHECK_EQUAL(text, read_file(folder.write("f", text), 20'000)->text);
  CHECK_EQUAL(std::string(), read_file(folder.write("empty", ""), 10)->text);
}

TEST(FileReader, TooLongIsAnError) {
  const std::string path = folder.write("f", "12345678901");
  CHECK_TRUE(read_file(path, 11).has_value());
  CHECK_EQUAL(std::string("has more than 10 bytes"), read_file(path, 10).error().text);
}

TEST(FileReader, AbsentIsAnErrorWithItsNumber) {
  const auto result = read_file(folder.path() + "/none", 10);
  CHECK_EQUAL(ENOENT, result.error().number);
  CHECK_EQUAL(std::string("cannot be read: No such file or directory"), result.error().text);
}

TEST(FileReader, FoldersAndPipesAreNotFiles) {
  CHECK_EQUAL(std::string("is a directory"), read_file(folder.path(), 10).error().text);
  const std::string pipe = folder.path() + "/pipe";
  CHECK_EQUAL(0, ::mkfifo(pipe.c_str(), 0600));
  CHECK_EQUAL(std::string("is not a regular file"), read_file(pipe, 10).error().text);
}

TEST(FileReader, ANulInANameIsNotCut) {
  const std::string path = folder.write("f", "x");
  CHECK_EQUAL(EINVAL, read_file(path + std::string("\0.txt", 5), 10).error().number);
}

TEST(FileReader, OthersCountByModeAndFolder) {
  CHECK_FALSE(read_file(folder.write("a", "x", 0600), 10)->is_open_to_others);
  CHECK_FALSE(read_file(folder.write("b", "x", 0660), 10)->is_open_to_others);
  CHECK_TRUE(read_file(folder.write("c", "x", 0604), 10)->is_open_to_others);
  CHECK_TRUE(read_file(folder.write("d", "x", 0602), 10)->is_open_to_others);
  folder.set_mode(0750);
  CHECK_FALSE(read_file(folder.path() + "/c", 10)->is_open_to_others);
}

TEST(FileReader, ALinkIsJudgedByWhereItLeads) {
  const support::TemporaryFolder hidden;
  const std::string target = hidden.write("t", "x", 0644);
  const std::string link = folder.path() + "/link";
  CHECK_EQUAL(0, ::symlink(target.c_str(), link.c_str()));
  CHECK_TRUE(read_file(link, 10)->is_open_to_others);
  hidden.set_mode(0700);
  CHECK_FALSE(read_file(link, 10)->is_open_to_others);
}
