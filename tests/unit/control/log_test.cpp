// SPDX-License-Identifier: Apache-2.0
#include "control/log.hpp"

#include "support/captured_stderr.hpp"
#include "support/test.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <thread>

using control::Log;
using control::LogFormat;
using control::LogLevel;
using control::LogRecord;
using control::to_json_line;
using control::to_text_line;
using support::CapturedStderr;

namespace {

/// 2026-01-02 03:04:05.678 UTC.
constexpr std::chrono::milliseconds kTime{1'767'323'045'678};

LogRecord record(std::string message, std::vector<control::LogField> fields = {}) {
  return {std::chrono::system_clock::time_point(kTime),
          LogLevel::Info,
          std::move(message),
          std::move(fields)};
}

const std::string kTextStart = "2026-01-02T03:04:05.678Z info  ";

std::string all_bytes() {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all.push_back(static_cast<char>(byte));
  }
  return all;
}

bool is_printable(const std::string& line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

/// What a line is without its time.
std::string behind_time(const std::string& line) {
  return line.substr(line.find(' ') + 1);
}

}  // namespace

TEST_GROUP(LogLine) {
};

TEST(LogLine, TextIsTimeLevelMessageAndFields) {
  CHECK_EQUAL(kTextStart + "listening transport=udp address=[::1]:3478",
              to_text_line(record("listening", {{"transport", "udp"}, {"address", "[::1]:3478"}})));
}

TEST(LogLine, LevelsStandInAColumn) {
  LogRecord line = record("x");
  for (const auto& [level, text] : {std::pair{LogLevel::Trace, "trace x"},
                                    std::pair{LogLevel::Debug, "debug x"},
                                    std::pair{LogLevel::Info, "info  x"},
                                    std::pair{LogLevel::Warn, "warn  x"},
                                    std::pair{LogLevel::Error, "error x"}}) {
    line.level = level;
    CHECK_EQUAL(std::string(text), behind_time(to_text_line(line)));
  }
}

TEST(LogLine, ValuesThatCouldBeMisreadAreQuoted) {
  const auto value = [](std::string text) {
    return to_text_line(record("m", {{"k", std::move(text)}})).substr(kTextStart.size() + 4);
  };
  CHECK_EQUAL(std::string("plain-1.2:3"), value("plain-1.2:3"));
  CHECK_EQUAL(std::string("\"\""), value(""));
  CHECK_EQUAL(std::string("\"two words\""), value("two words"));
  CHECK_EQUAL(std::string("\"a=b\""), value("a=b"));
  CHECK_EQUAL(std::string("\"say \\\"x\\\"\""), value("say \"x\""));
  CHECK_EQUAL(std::string("\"back\\\\slash\""), value("back\\slash"));
  CHECK_EQUAL(std::string("\"\\x0d\\x0a\\x1b[2J\""), value("\r\n\x1b[2J"));
  CHECK_EQUAL(std::string("\"\\x00\\x7f\\x80\\xff\""), value(std::string("\0\x7f\x80\xff", 4)));
}

TEST(LogLine, NoByteOfAValueLeavesText) {
  CHECK_TRUE(is_printable(to_text_line(record("m", {{"username", all_bytes()}}))));
  CHECK_TRUE(is_printable(to_json_line(record("m", {{"username", all_bytes()}}))));
}

TEST(LogLine, NoByteOfAMessageLeavesText) {
  // The name of a file may stand in one.
  CHECK_EQUAL(kTextStart + "bad \\x0a\\x1b\\xc3\\xa9 \"name\"",
              to_text_line(record("bad \n\x1bé \"name\"")));
  CHECK_TRUE(is_printable(to_text_line(record(all_bytes()))));
  CHECK_TRUE(is_printable(to_json_line(record(all_bytes()))));
}

TEST(LogLine, EveryByteOfAValueIsTold) {
  // Read back by the rules: \xNN, \" and \\.
  const std::string line = to_text_line(record("m", {{"k", all_bytes()}}));
  const std::string quoted = line.substr(kTextStart.size() + 4);
  std::string read;
  for (std::size_t at = 1; at + 1 < quoted.size(); ++at) {
    if (quoted[at] != '\\') {
      read.push_back(quoted[at]);
    } else if (quoted[++at] == 'x') {
      read.push_back(static_cast<char>(std::stoi(quoted.substr(at + 1, 2), nullptr, 16)));
      at += 2;
    } else {
      read.push_back(quoted[at]);
    }
  }
  CHECK_TRUE(read == all_bytes());
}

TEST(LogLine, UserNameCannotForgeALine) {
  const std::string forged =
      "x\r\n2026-01-02T03:04:05.678Z error the house burns \x1b[1A user=root";
  for (const std::string& line :
       {to_text_line(record("credential refused", {{"username", forged}})),
        to_json_line(record("credential refused", {{"username", forged}}))}) {
    CHECK_TRUE(is_printable(line));
  }
  // Nor a field: what looks like one stays inside the quotes.
  CHECK_TRUE(to_text_line(record("m", {{"username", "a\" user=\"root"}}))
                 .ends_with("m username=\"a\\\" user=\\\"root\""));
}

TEST(LogLine, JsonIsOneObject) {
  CHECK_EQUAL(
      std::string(R"({"time":"2026-01-02T03:04:05.678Z","level":"info","message":"say \"x\"",)"
                  R"("a":"1","b":"\u000d\u000a\u001b\\\u0000\u00c3\u00a9"})"),
      to_json_line(record("say \"x\"", {{"a", "1"}, {"b", std::string("\r\n\x1b\\\0é", 7)}})));
}

TEST_GROUP(Log) {
  std::unique_ptr<CapturedStderr> captured = std::make_unique<CapturedStderr>();

  static std::vector<std::string> without_times(std::vector<std::string> lines) {
    for (std::string& line : lines) {
      line = behind_time(line);
    }
    return lines;
  }
};

TEST(Log, WritesWhatIsQueuedBeforeItEnds) {
  {
    Log log(LogLevel::Info, LogFormat::Text);
    for (int i = 0; i < 100; ++i) {
      log.write(LogLevel::Info, "line", {{"number", std::to_string(i)}});
    }
  }
  const std::vector<std::string> lines = without_times(captured->lines());
  CHECK_EQUAL(100U, lines.size());
  CHECK_EQUAL(std::string("info  line number=0"), lines.front());
  CHECK_EQUAL(std::string("info  line number=99"), lines.back());
}

TEST(Log, LevelIsTheLeastThatIsWritten) {
  {
    Log log(LogLevel::Warn, LogFormat::Text);
    CHECK_FALSE(log.is_on(LogLevel::Info));
    CHECK_TRUE(log.is_on(LogLevel::Warn));
    CHECK_TRUE(log.is_on(LogLevel::Error));
    log.write(LogLevel::Info, "unheard");
    log.write(LogLevel::Error, "heard");
    log.set_level(LogLevel::Debug);
    log.write(LogLevel::Debug, "heard too");
    log.write(LogLevel::Trace, "unheard");
  }
  const std::vector<std::string> expected{"error heard", "debug heard too"};
  CHECK_EQUAL(expected, without_times(captured->lines()));
}

TEST(Log, FormatIsJsonOrText) {
  {
    Log log(LogLevel::Info, LogFormat::Json);
    log.write(LogLevel::Info, "m", {{"k", "v"}});
  }
  const std::vector<std::string> lines = captured->lines();
  CHECK_EQUAL(1U, lines.size());
  CHECK_TRUE(lines[0].starts_with("{\"time\":\""));
  CHECK_TRUE(lines[0].ends_with("\"level\":\"info\",\"message\":\"m\",\"k\":\"v\"}"));
}

TEST(Log, LinesOfManyThreadsAreWhole) {
  {
    Log log(LogLevel::Info, LogFormat::Text);
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer) {
      writers.emplace_back([&] {
        for (int i = 0; i < 500; ++i) {
          log.write(LogLevel::Info, "line", {{"k", "v"}});
        }
      });
    }
    for (std::thread& writer : writers) {
      writer.join();
    }
  }
  const std::vector<std::string> lines = without_times(captured->lines());
  CHECK_EQUAL(2000U, lines.size());
  CHECK_TRUE(std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line == "info  line k=v";
  }));
}

TEST(Log, StuckReaderCostsLinesAndNotTheWriter) {
  captured.reset();
  captured = std::make_unique<CapturedStderr>(CapturedStderr::Into::Pipe);
  auto log = std::make_unique<Log>(LogLevel::Info, LogFormat::Text);
  // Nobody reads: a queue full at the writer's, another in the thread that is stuck, and what the
  // pipe holds.
  constexpr std::size_t kLines = 4 * Log::kQueueMax;
  const std::string text(100, 'x');
  for (std::size_t i = 0; i < kLines; ++i) {
    log->write(LogLevel::Info, text);
  }
  const std::uint64_t dropped = log->dropped();
  // Once somebody reads, all that was queued comes, and how much was not.
  std::future<std::vector<std::string>> reader =
      std::async(std::launch::async, [this] { return captured->read_pipe(); });
  log.reset();
  captured->release();
  const std::vector<std::string> lines = without_times(reader.get());
  CHECK_TRUE(dropped > Log::kQueueMax);
  CHECK_TRUE(dropped <= kLines - Log::kQueueMax);
  std::uint64_t told = 0;
  std::size_t written = 0;
  for (const std::string& line : lines) {
    if (line == "info  " + text) {
      ++written;
    } else {
      const std::string start = "warn  log lines were dropped, nobody read them fast enough count=";
      CHECK_EQUAL(start, line.substr(0, start.size()));
      told += std::stoull(line.substr(start.size()));
    }
  }
  CHECK_EQUAL(dropped, told);
  CHECK_EQUAL(kLines, written + dropped);
}
