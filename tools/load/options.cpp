// SPDX-License-Identifier: Apache-2.0
#include "load/options.hpp"

#include "load/failure.hpp"
#include "load/payload.hpp"
#include "load/tx_batch.hpp"

#include <array>
#include <cmath>

#include <CLI/CLI.hpp>

namespace load {
namespace {

constexpr std::uint16_t kTurnPort = 3478;
constexpr std::uint32_t kClientsDefault = 10;
constexpr std::uint32_t kClientsMax = 1'000'000;

/// What CLI11 fills in, before it is checked as a whole.
struct Arguments {
  std::string server = "127.0.0.1";
  std::string peer;
  std::string duration = "10s";
  std::string warmup = "1s";
  std::string timeout = "5s";
  std::string mode = "echo";
  std::string method = "channel";
  std::string peers = "shared";
  std::string sockets = "each";
  std::uint32_t idle_allocations = 0;
  std::uint32_t sources = 0;
  int server_pid = 0;
  bool is_tcp = false;
  bool is_cycles = false;
  bool is_fresh = false;
  bool is_json = false;
  bool is_quiet = false;
  bool is_spinning = false;
  bool is_without_gro = false;
};

/// "10s", "500ms", "2m", or seconds without a unit.
std::int64_t parse_time(const std::string& name, const std::string& text) {
  static constexpr std::array<std::pair<const char*, double>, 5> kUnits{
      {{"", 1e9}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"us", 1e3}}};
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  for (const auto& [unit, factor] : kUnits) {
    if (end != text.c_str() && std::string_view(end) == unit && std::isfinite(number) &&
        number >= 0 && number * factor < 1e15) {
      return static_cast<std::int64_t>(number * factor);
    }
  }
  throw CLI::ValidationError(name, "'" + text + "' is not a time such as 10s, 500ms or 2m");
}

template <typename T>
T choose(const std::string& text, const std::string& first, T if_first, T otherwise) {
  return text == first ? if_first : otherwise;
}

/// Where the options added from here on stand in the help.
void begin_group(CLI::App& app, const std::string& name) {
  app.option_defaults()->group(name)->always_capture_default()->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast);
}

void add_target_options(CLI::App& app, Arguments& arguments, Options& options) {
  app.add_option("SERVER", arguments.server, "HOST, HOST:PORT, IP:PORT or [IPV6]:PORT")
      ->capture_default_str();
  begin_group(app, "Server and credentials");
  app.add_option("-u,--user", options.user, "User name");
  app.add_option("-w,--password", options.password, "Password of a static user")
      ->envname("TURNPIKE_LOAD_PASSWORD");
  app.add_option("--secret", options.secret, "Shared secret, to mint a time-limited credential")
      ->envname("TURNPIKE_LOAD_SECRET");
  app.add_flag("--tcp", arguments.is_tcp, "Clients connect over TCP");
  app.add_option("--timeout", arguments.timeout, "How long a request may stay unanswered")
      ->type_name("TIME");
  app.add_option("--server-pid", arguments.server_pid, "Process to measure: CPU time and memory")
      ->check(CLI::PositiveNumber)
      ->default_str("")
      ->type_name("PID");
}

void add_load_options(CLI::App& app, Arguments& arguments, Options& options) {
  begin_group(app, "Load");
  app.add_option("-n,--clients", options.clients, "Clients, an allocation each")
      ->check(CLI::Range(1U, kClientsMax));
  app.add_option(
         "--mode", arguments.mode, "up: client to peer, down: peer to client, echo: there and back")
      ->check(CLI::IsMember({"up", "down", "echo"}));
  app.add_option("--method", arguments.method, "ChannelData, or Send and Data indications")
      ->check(CLI::IsMember({"channel", "send"}));
  app.add_option("--size", options.size, "Bytes of application data in a datagram")
      ->check(CLI::Range(kPayloadSizeMin, kPayloadSizeMax));
  app.add_option("--train", options.train, "Datagrams of one client back to back (a video frame)")
      ->check(CLI::Range(std::size_t{1}, TxBatch::kTrainLengthMax));
  app.add_option("--rate", options.rate, "Datagrams sent a second, all clients; 0: saturate")
      ->check(CLI::Range(0.0, 1e8));
  app.add_option("--in-flight", options.in_flight, "When saturating: datagrams on their way")
      ->check(CLI::Range(1U, kClientsMax));
  app.add_option("--duration", arguments.duration, "Measured time")->type_name("TIME");
  app.add_option("--warmup", arguments.warmup, "Time before it, not measured")->type_name("TIME");
}

void add_socket_options(CLI::App& app, Arguments& arguments) {
  begin_group(app, "Sockets");
  app.add_option("--peer", arguments.peer, "Our own address that the server relays to [loopback]")
      ->type_name("IP");
  app.add_option("--peers", arguments.peers, "One peer socket, or one for each client")
      ->check(CLI::IsMember({"shared", "each"}));
  app.add_option("--sockets",
                 arguments.sockets,
                 "A UDP socket for each client, or one for all that sends from addresses of "
                 "127.0.0.0/8: cheaper for this tool")
      ->check(CLI::IsMember({"each", "shared"}));
  app.add_flag("--no-gro", arguments.is_without_gro, "Receive without UDP_GRO");
  app.add_flag("--spin", arguments.is_spinning, "With --rate: busy-wait, for exact times");
}

void add_job_options(CLI::App& app, Arguments& arguments) {
  begin_group(app, "Instead of relaying");
  auto* cycles = app.add_flag(
      "--allocate-cycles", arguments.is_cycles, "Every client allocates and releases in a loop");
  app.add_flag("--fresh", arguments.is_fresh, "Each cycle is a new client: new 5-tuple, no nonce")
      ->needs(cycles);
  auto* idle = app.add_option("--idle-allocations",
                              arguments.idle_allocations,
                              "Make this many allocations, measure memory")
                   ->check(CLI::Range(1U, kClientsMax))
                   ->default_str("")
                   ->excludes(cycles);
  app.add_option("--sources",
                 arguments.sources,
                 "Ask without credentials from this many addresses of 127.0.0.0/8, measure memory")
      ->check(CLI::Range(1U, 10 * kClientsMax))
      ->default_str("")
      ->excludes(cycles)
      ->excludes(idle);
}

void add_output_options(CLI::App& app, Arguments& arguments) {
  begin_group(app, "Output");
  app.add_flag("--json", arguments.is_json, "Print the result as JSON");
  app.add_flag("-q,--quiet", arguments.is_quiet, "No progress on standard error");
  app.set_version_flag("--version", "turnpike-load " TURNPIKE_VERSION);
}

void settle_job(const Arguments& arguments, Options& options) {
  if (arguments.is_cycles) {
    options.job = Job::AllocateCycles;
  } else if (arguments.idle_allocations != 0) {
    options.job = Job::IdleAllocations;
    options.clients = arguments.idle_allocations;
  } else if (arguments.sources != 0) {
    options.job = Job::Sources;
    options.clients = arguments.sources;
    options.sockets = Sockets::Shared;
  }
}

void settle_peer(const Arguments& arguments, Options& options) {
  if (arguments.peer.empty()) {
    options.peer_ip = *base::IpAddress::parse(options.server.ip.is_ipv4() ? "127.0.0.1" : "::1");
    return;
  }
  const auto peer = base::IpAddress::parse(arguments.peer);
  if (!peer) {
    throw CLI::ValidationError("--peer", "'" + arguments.peer + "' is not an IP address");
  }
  options.peer_ip = *peer;
}

void check_together(const Options& options) {
  const bool needs_credentials = options.job != Job::Sources;
  if (needs_credentials && options.secret.empty() &&
      (options.user.empty() || options.password.empty())) {
    throw CLI::ValidationError("credentials", "give --user and --password, or --secret");
  }
  if (!options.secret.empty() && !options.password.empty()) {
    throw CLI::ValidationError("credentials", "--password and --secret exclude each other");
  }
  constexpr std::size_t kHeadersMax = 64;
  if ((options.size + kHeadersMax) * options.train > TxBatch::kTrainBytesMax) {
    throw CLI::ValidationError(
        "--train",
        "a train of that many datagrams of that size does not fit in one send (" +
            std::to_string(TxBatch::kTrainBytesMax) + " bytes)");
  }
  if (options.sockets == Sockets::Shared && options.transport == base::Transport::Tcp) {
    throw CLI::ValidationError("--sockets", "TCP clients cannot share a socket");
  }
  if (options.duration == 0 || options.timeout == 0) {
    throw CLI::ValidationError("--duration", "and --timeout must be longer than nothing");
  }
}

Options settle(const Arguments& arguments, Options options) {
  options.mode =
      arguments.mode == "up" ? Mode::Up : choose(arguments.mode, "down", Mode::Down, Mode::Echo);
  options.method = choose(arguments.method, "channel", Method::Channel, Method::Send);
  options.peers = choose(arguments.peers, "shared", Peers::Shared, Peers::Each);
  options.sockets = choose(arguments.sockets, "shared", Sockets::Shared, Sockets::Each);
  options.transport = arguments.is_tcp ? base::Transport::Tcp : base::Transport::Udp;
  options.gro = arguments.is_without_gro ? Gro::Off : Gro::On;
  options.wait = arguments.is_spinning ? Wait::Spin : Wait::Sleep;
  options.nonces = arguments.is_fresh ? Nonces::Fresh : Nonces::Kept;
  options.output = arguments.is_json ? Output::Json : Output::Table;
  options.progress = arguments.is_quiet ? Progress::Hidden : Progress::Shown;
  options.duration = parse_time("--duration", arguments.duration);
  options.warmup = parse_time("--warmup", arguments.warmup);
  options.timeout = parse_time("--timeout", arguments.timeout);
  if (arguments.server_pid != 0) {
    options.server_pid = arguments.server_pid;
  }
  settle_job(arguments, options);
  if (options.user.empty() && !options.secret.empty()) {
    options.user = "load";
  }
  check_together(options);
  options.server = resolve(arguments.server, kTurnPort);
  settle_peer(arguments, options);
  return options;
}

}  // namespace

std::string to_text(Mode mode) {
  switch (mode) {
    case Mode::Up:
      return "up";
    case Mode::Down:
      return "down";
    case Mode::Echo:
      break;
  }
  return "echo";
}

std::string to_text(Method method) {
  return method == Method::Channel ? "channel" : "send";
}

CommandLine parse_command_line(int argc, const char* const* argv) {
  CLI::App app(
      "Puts load on a TURN server and measures what it relays, at what delay and at what cost.\n"
      "Client and peer sockets are the tool's own; every payload is checked.",
      "turnpike-load");
  app.footer(
      "Exit status: 0 done; 1 something was misrouted or corrupted, nothing was relayed, or it "
      "failed; 2 usage.\n"
      "Example: turnpike-load -u alice -w secret -n 100 --size 172 --server-pid $(pidof turnpike) "
      "127.0.0.1");
  Arguments arguments;
  Options options;
  options.clients = kClientsDefault;
  options.size = 172;
  options.in_flight = 256;
  add_target_options(app, arguments, options);
  add_load_options(app, arguments, options);
  add_socket_options(app, arguments);
  add_job_options(app, arguments);
  add_output_options(app, arguments);
  try {
    app.parse(argc, argv);
    return {settle(arguments, std::move(options)), 0};
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, app.exit(error) == 0 ? 0 : 2};
  }
}

}  // namespace load
