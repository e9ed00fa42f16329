// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/peer_links.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace load {

/// Where datagrams come from and where they end.
enum class Mode : std::uint8_t { Up, Down, Echo };
/// How application data travels between client and server.
enum class Method : std::uint8_t { Channel, Send };
/// Whether clients have a socket each or share one (UDP on loopback).
enum class Sockets : std::uint8_t { Each, Shared };
/// What the tool is asked to do.
enum class Job : std::uint8_t { Relay, AllocateCycles, IdleAllocations, Sources };
/// Whether a cycle is done by the client of the last one, nonce kept, or by a new one from another
/// 5-tuple.
enum class Nonces : std::uint8_t { Kept, Fresh };
enum class Output : std::uint8_t { Table, Json };
enum class Wait : std::uint8_t { Sleep, Spin };
enum class Progress : std::uint8_t { Shown, Hidden };

[[nodiscard]] std::string to_text(Mode mode);
[[nodiscard]] std::string to_text(Method method);

/// The command line, checked. Times in nanoseconds.
struct Options {
  base::TransportAddress server;
  base::Transport transport = base::Transport::Udp;
  std::string user;
  std::string password;
  std::string secret;  ///< Empty: a static user.

  Job job = Job::Relay;
  std::uint32_t clients = 0;  ///< For every job: how many 5-tuples.
  Mode mode = Mode::Echo;
  Method method = Method::Channel;
  Sockets sockets = Sockets::Each;
  Peers peers = Peers::Shared;
  base::IpAddress peer_ip;
  std::size_t size = 0;
  std::size_t train = 1;
  std::uint32_t in_flight = 0;
  double rate =
      0;  ///< Datagrams sent per second, all clients together; 0: as fast as they come through.
  Gro gro = Gro::On;
  Wait wait = Wait::Sleep;
  Nonces nonces = Nonces::Kept;

  std::int64_t duration = 0;
  std::int64_t warmup = 0;
  std::int64_t timeout = 0;
  std::optional<int> server_pid;
  Output output = Output::Table;
  Progress progress = Progress::Shown;
};

/// What became of the command line: options to run with, or an exit status when all is said.
struct CommandLine {
  std::optional<Options> options;
  int status = 0;
};

/// Reads the command line; prints help, version or what is wrong with it. Throws Failure for a
/// server that cannot be resolved.
[[nodiscard]] CommandLine parse_command_line(int argc, const char* const* argv);

}  // namespace load
