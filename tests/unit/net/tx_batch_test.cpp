// SPDX-License-Identifier: Apache-2.0
#include "net/tx_batch.hpp"

#include "support/abort.hpp"
#include "support/loopback.hpp"
#include "support/spy_syscalls.hpp"
#include "support/test.hpp"

#include <cerrno>

using net::Destination;
using support::at;
using support::SpySyscalls;

namespace {

constexpr int kSocket = 5;
constexpr int kOther = 6;

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) {
    all += (all.empty() ? "" : "\n") + line;
  }
  return all;
}

}  // namespace

/// Flushes and compares what was given to the kernel, a line a call.
#define FLUSH_EQUAL(expected)                  \
  do {                                         \
    const std::string sends = flush();         \
    CHECK_EQUAL(std::string(expected), sends); \
  } while (false)

/// What is given to the kernel, which is only pretended.
TEST_GROUP(TxBatch) {
  SpySyscalls spy{SpySyscalls::Sends::Pretended};
  net::TxBatch batch{SpySyscalls::table()};
  std::vector<std::byte> bytes = support::pattern(65'507);
  Destination a{at("127.0.0.1:7000")};
  Destination b{at("127.0.0.1:7001")};
  std::uint64_t lost = 0;

  void add(int fd, const Destination& to, std::size_t size) {
    batch.add(fd, to, {}, base::Bytes(bytes).first(size));
  }

  void add_all(std::initializer_list<std::size_t> sizes) {
    for (const std::size_t size : sizes) {
      add(kSocket, a, size);
    }
  }

  std::string flush() {
    lost = batch.flush().datagrams;
    return joined(spy.take_sends());
  }
};

TEST(TxBatch, NothingIsNoCall) {
  CHECK_TRUE(batch.is_empty());
  FLUSH_EQUAL("");
}

TEST(TxBatch, OneDatagramIsOnePlainSend) {
  add_all({172});
  CHECK_FALSE(batch.is_empty());
  FLUSH_EQUAL("one #5 127.0.0.1:7000 172");
  CHECK_TRUE(batch.is_empty());
  FLUSH_EQUAL("");
}

TEST(TxBatch, RunToOneDestinationIsOneTrain) {
  add_all({100, 100, 100});
  FLUSH_EQUAL("one #5 127.0.0.1:7000 300 by 100");
}

TEST(TxBatch, ShorterDatagramIsTheLastOfItsTrain) {
  add_all({100, 100, 40, 40, 100});
  FLUSH_EQUAL("many #5 127.0.0.1:7000 240 by 100 | 127.0.0.1:7000 40 | 127.0.0.1:7000 100");
}

TEST(TxBatch, LongerDatagramBeginsATrain) {
  add_all({100, 101, 101});
  FLUSH_EQUAL("many #5 127.0.0.1:7000 100 | 127.0.0.1:7000 202 by 101");
}

TEST(TxBatch, OtherDestinationEndsATrain) {
  const Destination other_ip{at("127.0.0.2:7000")};
  const Destination other_family{at("[::1]:7000")};
  for (const Destination& to : {a, b, other_ip, other_family, a}) {
    add(kSocket, to, 10);
  }
  FLUSH_EQUAL(
      "many #5 127.0.0.1:7000 10 | 127.0.0.1:7001 10 | 127.0.0.2:7000 10 | "
      "[::1]:7000 10 | 127.0.0.1:7000 10");
}

TEST(TxBatch, OtherSourceEndsATrain) {
  const Destination from_2{at("127.0.0.1:7000"), at("127.0.0.2:0").ip};
  const Destination from_3{at("127.0.0.1:7000"), at("127.0.0.3:0").ip};
  for (const Destination& to : {a, from_2, from_2, from_3}) {
    add(kSocket, to, 10);
  }
  FLUSH_EQUAL(
      "many #5 127.0.0.1:7000 10 | 127.0.0.1:7000 20 by 10 from 127.0.0.2 | "
      "127.0.0.1:7000 10 from 127.0.0.3");
}

TEST(TxBatch, Ipv6SourceIsNamedToo) {
  add(kSocket, Destination{at("[::1]:7000"), at("[::1]:0").ip}, 10);
  FLUSH_EQUAL("one #5 [::1]:7000 10 from ::1");
}

TEST(TxBatch, EachSocketRunIsOneCall) {
  add(kSocket, a, 10);
  add(kSocket, b, 10);
  add(kOther, b, 10);
  add(kSocket, a, 10);
  FLUSH_EQUAL(
      "many #5 127.0.0.1:7000 10 | 127.0.0.1:7001 10\n"
      "one #6 127.0.0.1:7001 10\n"
      "one #5 127.0.0.1:7000 10");
}

TEST(TxBatch, TrainHasAtMostSixtyDatagrams) {
  for (int i = 0; i < 61; ++i) {
    add(kSocket, a, 10);
  }
  FLUSH_EQUAL("many #5 127.0.0.1:7000 600 by 10 | 127.0.0.1:7000 10");
}

TEST(TxBatch, TrainHasAtMostSixtyThousandBytes) {
  add_all({30'000, 30'000, 1, 30'000});
  FLUSH_EQUAL(
      "many #5 127.0.0.1:7000 60000 by 30000 | 127.0.0.1:7000 1 | "
      "127.0.0.1:7000 30000");
}

TEST(TxBatch, LargestDatagramGoesAlone) {
  add_all({65'507, 65'507});
  FLUSH_EQUAL("many #5 127.0.0.1:7000 65507 | 127.0.0.1:7000 65507");
}

TEST(TxBatch, EmptyDatagramsGoToo) {
  add_all({100, 0, 0, 100});
  FLUSH_EQUAL(
      "many #5 127.0.0.1:7000 100 | 127.0.0.1:7000 0 | 127.0.0.1:7000 0 | "
      "127.0.0.1:7000 100");
  CHECK_EQUAL(4U, spy.datagrams().size());
}

TEST(TxBatch, SixtyFourTrainsFillIt) {
  for (int i = 0; i < 64; ++i) {
    CHECK_TRUE(batch.has_room());
    add(kSocket, i % 2 == 0 ? a : b, 10);
  }
  CHECK_FALSE(batch.has_room());
  CHECK_TRUE(support::aborts([this] { add(kSocket, a, 10); }));
  static_cast<void>(flush());
  CHECK_EQUAL(64U, spy.datagrams().size());
  CHECK_TRUE(batch.has_room());
  add_all({1});
  FLUSH_EQUAL("one #5 127.0.0.1:7000 1");
}

TEST(TxBatch, PartsFillItToo) {
  std::size_t count = 0;
  for (; batch.has_room(); ++count) {
    batch.add(kSocket, a, base::Bytes(bytes).first(4), base::Bytes(bytes).subspan(100, 6));
  }
  CHECK_EQUAL(1024U, count);
  static_cast<void>(flush());
  CHECK_EQUAL(1024U, spy.datagrams().size());
  CHECK_EQUAL(120U, spy.parts_max());
}

TEST(TxBatch, HeadInFrontOfItsBodyIsOnePart) {
  batch.add(kSocket, a, base::Bytes(bytes).first(4), base::Bytes(bytes).subspan(4, 6));
  static_cast<void>(flush());
  CHECK_EQUAL(1U, spy.parts_max());
  HEX_EQUAL(base::Bytes(bytes).first(10), spy.datagrams().at(0));
}

TEST(TxBatch, HeadElsewhereIsJoinedByTheKernel) {
  batch.add(kSocket, a, base::Bytes(bytes).first(4), base::Bytes(bytes).subspan(100, 2));
  batch.add(kSocket, a, base::Bytes(bytes).subspan(8, 4), base::Bytes(bytes).subspan(200, 2));
  FLUSH_EQUAL("one #5 127.0.0.1:7000 12 by 6");
  std::vector<std::byte> expected(bytes.begin() + 8, bytes.begin() + 12);
  expected.insert(expected.end(), bytes.begin() + 200, bytes.begin() + 202);
  HEX_EQUAL(expected, spy.datagrams().at(1));
}

TEST(TxBatch, HeadAloneIsADatagram) {
  batch.add(kSocket, a, base::Bytes(bytes).first(4), {});
  FLUSH_EQUAL("one #5 127.0.0.1:7000 4");
}

TEST(TxBatch, RefusedTrainGoesOneByOne) {
  const Destination from_2{at("127.0.0.1:7000"), at("127.0.0.2:0").ip};
  batch.add(kSocket, from_2, base::Bytes(bytes).first(4), base::Bytes(bytes).subspan(50, 96));
  batch.add(kSocket, from_2, {}, base::Bytes(bytes).subspan(200, 100));
  batch.add(kSocket, from_2, base::Bytes(bytes).subspan(8, 4), base::Bytes(bytes).subspan(12, 1));
  spy.script({{EINVAL, 0}});
  FLUSH_EQUAL(
      "one #5 127.0.0.1:7000 205 by 100 from 127.0.0.2\n"
      "one #5 127.0.0.1:7000 100 from 127.0.0.2\n"
      "one #5 127.0.0.1:7000 100 from 127.0.0.2\n"
      "one #5 127.0.0.1:7000 5 from 127.0.0.2");
  CHECK_EQUAL(0U, lost);
  HEX_EQUAL(base::Bytes(bytes).subspan(200, 100), spy.datagrams().at(1));
  HEX_EQUAL(base::Bytes(bytes).subspan(8, 5), spy.datagrams().at(2));
}

TEST(TxBatch, OnlyTheRefusedOnesOfATrainAreLost) {
  add_all({10, 10, 10});
  spy.script({{EIO, 0}, {0, 1}, {EPERM, 0}, {0, 1}});
  static_cast<void>(flush());
  CHECK_EQUAL(1U, lost);
  CHECK_EQUAL(2U, spy.datagrams().size());
}

TEST(TxBatch, TrainThatMeetsAFullBufferIsNotTriedOneByOne) {
  for (const int error : {EAGAIN, ENOBUFS}) {
    add_all({10, 10, 10});
    spy.script({{error, 0}});
    FLUSH_EQUAL("one #5 127.0.0.1:7000 30 by 10");
    CHECK_EQUAL(3U, lost);
  }
}

TEST(TxBatch, ErrorOfAnEarlierDatagramCostsNothing) {
  for (const int error : {ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EPROTO, EMSGSIZE, EACCES}) {
    add_all({10});
    spy.script({{error, 0}});
    FLUSH_EQUAL("one #5 127.0.0.1:7000 10\none #5 127.0.0.1:7000 10");
    CHECK_EQUAL(0U, lost);
  }
}

TEST(TxBatch, ErrorThatStaysIsTriedTwiceOnly) {
  add_all({10});
  spy.script({{ENETUNREACH, 0}, {ENETUNREACH, 0}});
  FLUSH_EQUAL("one #5 127.0.0.1:7000 10\none #5 127.0.0.1:7000 10");
  CHECK_EQUAL(1U, lost);
}

TEST(TxBatch, OtherErrorsAreTriedOnce) {
  add_all({10});
  spy.script({{EPERM, 0}});
  FLUSH_EQUAL("one #5 127.0.0.1:7000 10");
  CHECK_EQUAL(1U, lost);
}

TEST(TxBatch, RefusedDatagramDoesNotStopTheOthers) {
  const Destination c{at("127.0.0.1:7002")};
  for (const Destination& to : {a, b, c}) {
    add(kSocket, to, 10);
  }
  spy.script({{0, 1}, {EPERM, 0}, {EPERM, 0}});
  FLUSH_EQUAL(
      "many #5 127.0.0.1:7000 10 | 127.0.0.1:7001 10 | 127.0.0.1:7002 10\n"
      "many #5 127.0.0.1:7001 10 | 127.0.0.1:7002 10\n"
      "one #5 127.0.0.1:7001 10\n"
      "one #5 127.0.0.1:7002 10");
  CHECK_EQUAL(1U, lost);
  CHECK_EQUAL(2U, spy.datagrams().size());
}

TEST(TxBatch, PendingErrorOfACallOfManyCostsNothing) {
  add(kSocket, a, 10);
  add(kSocket, b, 10);
  spy.script({{ECONNREFUSED, 0}});
  FLUSH_EQUAL(
      "many #5 127.0.0.1:7000 10 | 127.0.0.1:7001 10\n"
      "one #5 127.0.0.1:7000 10\n"
      "one #5 127.0.0.1:7001 10");
  CHECK_EQUAL(0U, lost);
}

TEST(TxBatch, CallThatTookAFewIsContinued) {
  for (int i = 0; i < 5; ++i) {
    add(kSocket, i % 2 == 0 ? a : b, 10);
  }
  spy.script({{0, 2}, {0, 1}});
  static_cast<void>(flush());
  CHECK_EQUAL(5U, spy.datagrams().size());
  CHECK_EQUAL(0U, lost);
}

TEST(TxBatch, EveryFailingCallCostsOnlyItsDatagram) {
  for (unsigned nth = 1;; ++nth) {
    add(kSocket, a, 10);
    add(kSocket, b, 10);
    add(kOther, a, 10);
    spy.fail_nth(nth, EPERM);
    static_cast<void>(flush());
    CHECK_TRUE(lost <= 1U);
    if (!spy.has_failed()) {
      CHECK_EQUAL(0U, lost);
      CHECK_EQUAL(3U, nth);
      break;
    }
  }
}
