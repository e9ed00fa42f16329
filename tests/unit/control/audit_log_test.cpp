// SPDX-License-Identifier: Apache-2.0
#include "control/audit_log.hpp"

#include "support/captured_stderr.hpp"
#include "support/fake_clock.hpp"
#include "support/loopback.hpp"
#include "support/test.hpp"

#include <algorithm>
#include <optional>

using auth::RefusalReason;
using control::LogLevel;
using support::at;

TEST_GROUP(AuditLog) {
  support::CapturedStderr captured;
  std::optional<control::Log> log;
  std::optional<control::AuditLog> audit;
  support::FakeClock clock;

  void setup() override {
    begin(LogLevel::Info);
  }

  void begin(LogLevel level) {
    audit.reset();
    log.reset();
    log.emplace(level, control::LogFormat::Text);
    audit.emplace(*log);
  }

  static base::FiveTuple client(std::string_view address = "198.51.100.1:40000") {
    return {at(address), at("192.0.2.1:3478"), base::Transport::Udp};
  }

  void refuse(const std::string& username,
              RefusalReason reason = RefusalReason::UnknownUser,
              std::string_view address = "198.51.100.1:40000",
              std::chrono::seconds expired_ago = {}) {
    audit->on_credential_refused(client(address),
                                 username,
                                 {stun::ErrorCode::Unauthenticated, reason, expired_ago},
                                 clock.now());
  }

  /// All lines so far, without their times.
  std::vector<std::string> lines() {
    log.reset();
    std::vector<std::string> all = captured.lines();
    for (std::string& line : all) {
      line = line.substr(line.find(' ') + 1);
    }
    return all;
  }

  static turn::Allocation allocation() {
    turn::Allocation made;
    made.five_tuple = client();
    made.identity.user = "alice";
    made.identity.username = "1767229200:alice";
    made.identity.secret_id = "main";
    made.relays[0] = turn::Relay{0, at("10.0.0.1:50000"), at("192.0.2.10:50000"), {}};
    return made;
  }
};

TEST(AuditLog, RefusalIsToldWithItsReason) {
  refuse(
      "1767225288:alice", RefusalReason::Expired, "198.51.100.1:40000", std::chrono::seconds(312));
  const std::vector<std::string> told = lines();
  CHECK_EQUAL(1U, told.size());
  CHECK_EQUAL("info  credential refused reason=\"" +
                  std::string(turn::to_text(RefusalReason::Expired)) +
                  " 312 s ago\" username=1767225288:alice client=198.51.100.1:40000 transport=udp "
                  "code=401",
              told[0]);
}

TEST(AuditLog, SameRefusalIsToldOnceAMinute) {
  for (int i = 0; i < 100; ++i) {
    refuse("alice");
  }
  clock.advance(std::chrono::seconds(59));
  refuse("alice", RefusalReason::UnknownUser, "198.51.100.1:50000");
  clock.advance(std::chrono::seconds(1));
  refuse("alice");
  CHECK_EQUAL(2U, lines().size());
}

TEST(AuditLog, OtherNameReasonOrAddressIsToldToo) {
  refuse("alice");
  refuse("bob");
  refuse("alice", RefusalReason::WrongPassword);
  refuse("alice", RefusalReason::UnknownUser, "198.51.100.2:40000");
  CHECK_EQUAL(4U, lines().size());
}

TEST(AuditLog, FloodOfNamesIsBoundedAndCounted) {
  for (int i = 0; i < 1000; ++i) {
    refuse("user " + std::to_string(i));
  }
  clock.advance(std::chrono::minutes(1));
  refuse("the next minute");
  const std::vector<std::string> told = lines();
  CHECK_EQUAL(62U, told.size());
  CHECK_TRUE(told[59].find("\"user 59\"") != std::string::npos);
  CHECK_EQUAL(std::string("warn  more credentials were refused than are told count=940"), told[60]);
  CHECK_TRUE(told[61].find("\"the next minute\"") != std::string::npos);
}

TEST(AuditLog, CountOfTheFloodIsToldOnce) {
  for (int i = 0; i < 61; ++i) {
    refuse("user " + std::to_string(i));
  }
  for (int minute = 0; minute < 3; ++minute) {
    clock.advance(std::chrono::minutes(1));
    refuse("minute " + std::to_string(minute));
  }
  const std::vector<std::string> told = lines();
  CHECK_EQUAL(64U, told.size());
  CHECK_EQUAL(1, std::count_if(told.begin(), told.end(), [](const std::string& line) {
                return line.starts_with("warn  ");
              }));
}

TEST(AuditLog, StaleNonceIsOrdinary) {
  refuse("alice", RefusalReason::StaleNonce);
  CHECK_TRUE(lines().empty());
  begin(LogLevel::Debug);
  refuse("alice", RefusalReason::StaleNonce);
  const std::vector<std::string> told = lines();
  CHECK_EQUAL(1U, told.size());
  CHECK_TRUE(told[0].starts_with("debug credential refused "));
}

TEST(AuditLog, NameThatIsNoTextForgesNothing) {
  refuse("x\r\n2026-01-01T00:00:00.000Z error forged \x1b[2J");
  refuse(std::string("\0\xff", 2));
  const std::vector<std::string> told = lines();
  CHECK_EQUAL(2U, told.size());
  CHECK_TRUE(told[0].find("username=\"x\\x0d\\x0a2026-01-01T00:00:00.000Z error forged "
                          "\\x1b[2J\"") != std::string::npos);
  CHECK_TRUE(told[1].find("username=\"\\x00\\xff\"") != std::string::npos);
}

TEST(AuditLog, AllocationsAreToldAtDebugOnly) {
  audit->on_allocation_created(allocation(), clock.now());
  audit->on_allocation_ended(allocation(), turn::EndReason::Expired, clock.now());
  audit->on_request_refused(
      client(), "alice", stun::Method::Allocate, stun::ErrorCode::AllocationMismatch, clock.now());
  CHECK_TRUE(lines().empty());
}

TEST(AuditLog, AllocationTellsItsLife) {
  begin(LogLevel::Debug);
  turn::Allocation made = allocation();
  made.created = clock.now().monotonic;
  audit->on_allocation_created(made, clock.now());
  clock.advance(std::chrono::seconds(75));
  made.traffic.bytes_to_peer = 1'000;
  made.traffic.bytes_to_client = 2'000;
  audit->on_allocation_ended(made, turn::EndReason::Deleted, clock.now());
  const std::string who =
      " user=alice username=1767229200:alice client=198.51.100.1:40000 transport=udp "
      "relayed=192.0.2.10:50000";
  const std::vector<std::string> expected{
      "debug allocation created" + who + " secret=main",
      "debug allocation ended" + who +
          " reason=" + std::string(turn::to_text(turn::EndReason::Deleted)) +
          " seconds=75 bytes_to_peer=1000 bytes_to_client=2000"};
  CHECK_EQUAL(expected, lines());
}

TEST(AuditLog, RefusedRequestTellsWhich) {
  begin(LogLevel::Debug);
  audit->on_request_refused(
      client(), "alice", stun::Method::ChannelBind, stun::ErrorCode::BadRequest, clock.now());
  const std::vector<std::string> expected{
      "debug request refused method=ChannelBind code=400 phrase=\"" +
      std::string(stun::reason_phrase(stun::ErrorCode::BadRequest)) +
      "\" username=alice client=198.51.100.1:40000"};
  CHECK_EQUAL(expected, lines());
}
