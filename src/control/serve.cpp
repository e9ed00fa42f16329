// SPDX-License-Identifier: Apache-2.0
#include "control/serve.hpp"

#include "control/allocation_ledger.hpp"
#include "control/audit_log.hpp"
#include "control/config.hpp"
#include "control/exit_code.hpp"
#include "control/host.hpp"
#include "control/systemd.hpp"
#include "net/timer.hpp"
#include "relay/relay_service.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <optional>
#include <thread>

#include <sys/prctl.h>
#include <sys/resource.h>

namespace control {
namespace {

constexpr std::chrono::milliseconds kReloadCheckInterval{1};

/// A relay socket an allocation, a connection a client: the soft limit of 1024 is for programs that
/// use select(2).
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
  }
}

/// Secrets must not end in a core file.
void forbid_core_files() {
  const rlimit none{0, 0};
  static_cast<void>(::setrlimit(RLIMIT_CORE, &none));
}

void print_problems(const std::vector<ConfigProblem>& problems) {
  for (const ConfigProblem& problem : problems) {
    static_cast<void>(std::fprintf(stderr, "%s\n", problem.to_string().c_str()));
  }
}

void log_problems(Log& log, const std::vector<ConfigProblem>& problems, bool only_warnings) {
  for (const ConfigProblem& problem : problems) {
    if (problem.is_warning || !only_warnings) {
      log.write(problem.is_warning ? LogLevel::Warn : LogLevel::Error, problem.to_string());
    }
  }
}

unsigned worker_count(unsigned configured) {
  return configured != 0 ? configured : std::max(1U, std::thread::hardware_concurrency());
}

/// The running server, on the control thread.
class Daemon {
 public:
  Daemon(const ServeOptions& options, Config config, Log& log)
      : options_(options), config_(std::move(config)), log_(log), audit_(log) {}

  [[nodiscard]] int run(const std::vector<ConfigProblem>& warnings);

 private:
  [[nodiscard]] bool open();
  void reload();
  void confirm_reload();
  void stop();
  void ping_workers();
  /// Whether every worker has got to its mail since the `count`th ping.
  [[nodiscard]] bool have_answered(std::uint64_t count) const;
  void start_watchdog();
  void on_watchdog();

  const ServeOptions& options_;
  Config config_;
  Log& log_;
  AllocationLedger ledger_;
  AuditLog audit_;
  net::Loop loop_;
  std::vector<turn::RelayAddress> relay_addresses_;
  std::unique_ptr<relay::RelayService> service_;
  std::uint64_t generation_ = 0;
  std::optional<net::Timer> watchdog_;
  std::uint64_t pings_ = 0;
  std::optional<net::Timer> reload_check_;
  std::uint64_t reload_ping_ = 0;
  std::optional<net::SignalWatch> on_terminate_;
  std::optional<net::SignalWatch> on_interrupt_;
  std::optional<net::SignalWatch> on_hangup_;
};

bool Daemon::open() {
  const std::vector<base::IpAddress> own = interface_addresses();
  auto relay = control::relay_addresses(config_.fixed, own);
  if (!relay) {
    log_.write(LogLevel::Error, relay.error());
    return false;
  }
  relay_addresses_ = std::move(*relay);
  auto opened =
      relay::RelayService::open({worker_count(config_.fixed.workers),
                                 config_.fixed.listen_udp,
                                 config_.fixed.listen_tcp,
                                 relay_addresses_,
                                 config_.fixed.relay_ports,
                                 config_.coalesce,
                                 make_snapshot(config_, own, relay_addresses_, ++generation_)},
                                ledger_,
                                audit_);
  if (!opened) {
    const relay::BindFailure& failure = opened.error();
    log_.write(LogLevel::Error,
               "cannot listen on " + std::string(base::to_text(failure.transport)) + " " +
                   failure.address.to_string() + ": " + failure.error.message(),
               {{"errno", std::to_string(failure.error.value())}});
    return false;
  }
  service_ = std::move(*opened);
  for (const relay::BoundListener& listener : service_->listeners()) {
    log_.write(LogLevel::Info,
               "listening",
               {{"transport", std::string(base::to_text(listener.transport))},
                {"address", listener.address.to_string()}});
  }
  for (const turn::RelayAddress& address : relay_addresses_) {
    log_.write(LogLevel::Info,
               "relaying",
               {{"address", address.local.to_string()},
                {"external", address.external.to_string()},
                {"ports",
                 std::to_string(config_.fixed.relay_ports.first) + "-" +
                     std::to_string(config_.fixed.relay_ports.last)}});
  }
  return true;
}

int Daemon::run(const std::vector<ConfigProblem>& warnings) {
  log_problems(log_, warnings, true);
  if (!open()) {
    return kExitFailed;
  }
  on_terminate_.emplace(loop_, SIGTERM, [this] { stop(); });
  on_interrupt_.emplace(loop_, SIGINT, [this] { stop(); });
  on_hangup_.emplace(loop_, SIGHUP, [this] { reload(); });
  service_->start();
  start_watchdog();
  log_.write(
      LogLevel::Info,
      "ready",
      {{"version", TURNPIKE_VERSION}, {"workers", std::to_string(service_->workers().size())}});
  notify_systemd("READY=1\nSTATUS=Serving");
  loop_.run();
  service_.reset();
  log_.write(LogLevel::Info, "stopped");
  return 0;
}

void Daemon::reload() {
  notify_reloading();
  LoadedConfig loaded =
      load_config(options_.config_path, options_.environment, options_.credentials_directory);
  log_problems(log_, loaded.problems, false);
  if (!loaded.config) {
    log_.write(LogLevel::Error,
               "reload refused, serving on by the old configuration",
               {{"file", options_.config_path}});
    notify_systemd("READY=1\nSTATUS=Serving; the last reload was refused");
    return;
  }
  if (!(loaded.config->fixed == config_.fixed)) {
    log_.write(LogLevel::Warn,
               "changes of [server] workers, [listen] and [relay] wait for a restart; the rest is "
               "applied");
    loaded.config->fixed = config_.fixed;
  }
  if (loaded.config->log_format != config_.log_format) {
    log_.write(LogLevel::Warn, "a change of [log] format waits for a restart; the rest is applied");
  }
  config_ = std::move(*loaded.config);
  log_.set_level(config_.log_level);
  service_->apply(make_snapshot(config_, interface_addresses(), relay_addresses_, ++generation_),
                  config_.coalesce);
  // Ready is said when the last worker serves by it: whoever waits for that may rely on the new
  // rules.
  ping_workers();
  reload_ping_ = pings_;
  reload_check_.emplace(loop_, [this] { confirm_reload(); });
  reload_check_->start_repeating(kReloadCheckInterval);
}

void Daemon::confirm_reload() {
  if (!have_answered(reload_ping_)) {
    return;
  }
  reload_check_->stop();
  log_.write(LogLevel::Info, "reloaded", {{"file", options_.config_path}});
  notify_systemd("READY=1\nSTATUS=Serving");
}

void Daemon::stop() {
  notify_systemd("STOPPING=1\nSTATUS=Stopping");
  log_.write(LogLevel::Info, "stopping");
  service_->stop();
  watchdog_.reset();
  reload_check_.reset();
  on_terminate_.reset();
  on_interrupt_.reset();
  on_hangup_.reset();
  loop_.stop();
}

void Daemon::start_watchdog() {
  if (const auto period = watchdog_period()) {
    watchdog_.emplace(loop_, [this] { on_watchdog(); });
    watchdog_->start_repeating(*period / 2);
    on_watchdog();
  }
}

void Daemon::on_watchdog() {
  // A worker that has not answered the last ping is stuck: systemd should know.
  if (have_answered(pings_)) {
    notify_systemd("WATCHDOG=1");
  }
  ping_workers();
}

void Daemon::ping_workers() {
  for (const auto& worker : service_->workers()) {
    worker->post_ping();
  }
  ++pings_;
}

bool Daemon::have_answered(std::uint64_t count) const {
  const auto& workers = service_->workers();
  return std::all_of(workers.begin(), workers.end(), [&](const auto& worker) {
    return worker->heartbeat() >= count;
  });
}

}  // namespace

int serve(const ServeOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(concurrency-mt-unsafe): before any thread.
  LoadedConfig loaded =
      load_config(options.config_path, options.environment, options.credentials_directory);
  if (!loaded.config) {
    print_problems(loaded.problems);
    return kExitConfig;
  }
  raise_descriptor_limit();
  forbid_core_files();
  Log log(loaded.config->log_level, loaded.config->log_format);
  Daemon daemon(options, std::move(*loaded.config), log);
  return daemon.run(loaded.problems);
}

}  // namespace control
