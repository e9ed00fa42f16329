// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/test.hpp"
#include "support/turn_bench.hpp"

namespace support {

/// What tests of the core share: a bench, alice and bob in front of it, and two peers that may be
/// relayed to.
struct TurnTest : Utest {
  TurnBench bench;
  TestClient alice{bench, "198.51.100.1:40000", "alice"};
  TestClient bob{bench, "198.51.100.2:40000", "bob"};

  /// Every test of the core ends with a server whose tables agree.
  void teardown() override { CHECK_EQUAL(std::string(), bench.violation()); }

  static constexpr const char* kPeer = "9.9.9.9:7000";
  static constexpr const char* kPeer6 = "[2a00::9]:7000";

  /// The log of a request that was answered with this text.
  [[nodiscard]] static std::string answered(const TestClient& client, std::string_view text) {
    return "to " + client.five_tuple.client.to_string() + ": " + std::string(text) +
           " integrity=sha1";
  }

  /// The log of an authenticated request that was refused.
  [[nodiscard]] static std::string refused(const TestClient& client,
                                           std::string_view method,
                                           stun::ErrorCode code) {
    const std::string at = client.five_tuple.client.to_string();
    const std::string number = std::to_string(static_cast<int>(code));
    const std::string name(method);
    return "refused " + name + " of " + client.signer.username + " at " + at + ": " + number +
           "\nto " + at + ": " + name + " error " + number + " (" +
           std::string(stun::reason_phrase(code)) + ") integrity=sha1";
  }
};

/// The lines of a log, as TurnBench::take_log() joins them.
[[nodiscard]] inline std::string lines(std::initializer_list<std::string_view> all) {
  std::string joined;
  for (const std::string_view line : all) {
    joined += joined.empty() ? "" : "\n";
    joined += line;
  }
  return joined;
}

}  // namespace support

/// Compares a log, line by line, with all that was expected.
#define LOG_EQUAL(expected, actual) CHECK_EQUAL(std::string(expected), actual)
