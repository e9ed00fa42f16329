// SPDX-License-Identifier: Apache-2.0
#include "relay/worker.hpp"

#include "base/check.hpp"
#include "crypto/secure_random.hpp"
#include "relay/inbox.hpp"
#include "relay/intake.hpp"
#include "relay/streams.hpp"

#include <ctime>
#include <optional>
#include <string>

#include <pthread.h>
#include <sys/prctl.h>

namespace relay {
namespace {

constexpr std::chrono::seconds kSweepInterval{1};

}  // namespace

class Worker::Machine {
 public:
  Machine(Setup setup, turn::Counters& counters, std::atomic<std::uint64_t>& heartbeat);

  void run();

  [[nodiscard]] Inbox& inbox() { return *inbox_; }

 private:
  void after_events();
  void on_mail();
  void on_sweep();
  void arm_deadline();
  void stop();

  std::atomic<std::uint64_t>& heartbeat_;
  turn::WorkerIndex index_;
  net::Loop loop_;
  crypto::SecureRandom random_;
  Gather gather_;
  std::vector<std::unique_ptr<UdpListener>> listeners_;
  RelaySockets sockets_;
  OutputExecutor executor_;
  turn::Server server_;
  Forwarder forwarder_;
  Intake intake_;
  Streams streams_;
  // Closed by stop(), before the loop goes.
  std::optional<net::TurnHooks> hooks_;
  std::optional<net::Timer> deadline_timer_;
  std::optional<net::Timer> sweep_timer_;
  std::optional<Inbox> inbox_;
  std::optional<base::Instant> armed_;
};

Worker::Machine::Machine(Setup setup,
                         turn::Counters& counters,
                         std::atomic<std::uint64_t>& heartbeat)
    : heartbeat_(heartbeat),
      index_(setup.index),
      gather_(setup.coalesce),
      executor_(loop_, sockets_, net::real_syscalls()),
      server_(std::move(setup.snapshot), setup.shared, random_, executor_, counters, setup.index),
      forwarder_({server_,
                  sockets_,
                  setup.shared.ports,
                  counters,
                  random_,
                  net::real_syscalls(),
                  setup.neighbours,
                  setup.index},
                 listeners_),
      intake_({server_, sockets_, forwarder_, executor_, counters, gather_, net::real_syscalls()}),
      streams_(loop_, server_, forwarder_, intake_) {
  executor_.connect(forwarder_, intake_);
  hooks_.emplace(
      loop_, [this] { intake_.end_turn(); }, [this] { after_events(); });
  deadline_timer_.emplace(loop_, [this] {
    armed_.reset();
    intake_.begin_turn();
    arm_deadline();
  });
  sweep_timer_.emplace(loop_, [this] { on_sweep(); });
  sweep_timer_->start_repeating(kSweepInterval);
  inbox_.emplace(loop_, [this] { on_mail(); });
  for (net::Fd& fd : setup.udp_listeners) {
    listeners_.push_back(std::make_unique<UdpListener>(
        loop_, std::move(fd), net::real_syscalls(), [this](UdpListener& listener) {
          intake_.on_listener_readable(listener);
        }));
  }
  for (net::Fd& fd : setup.tcp_listeners) {
    streams_.listen(std::move(fd));
  }
}

void Worker::Machine::run() {
  const std::string name = "worker-" + std::to_string(index_);
  ::pthread_setname_np(::pthread_self(), name.c_str());
  // The default slack of 50 us would double the wait of Gather.
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  loop_.run();
}

void Worker::Machine::after_events() {
  const auto wait_until = intake_.has_received() ? gather_.wait_until() : std::nullopt;
  intake_.end_turn();
  arm_deadline();
  if (wait_until) {
    const auto since_epoch = wait_until->time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch);
    const timespec until{seconds.count(), (since_epoch - seconds).count()};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
  }
}

void Worker::Machine::arm_deadline() {
  const auto next = server_.next_deadline();
  if (!next || (armed_ && *armed_ <= *next)) {
    return;
  }
  armed_ = *next;
  deadline_timer_->start_once(*next - net::read_clocks().monotonic);
}

void Worker::Machine::on_sweep() {
  intake_.begin_turn();
  streams_.sweep();
}

void Worker::Machine::on_mail() {
  intake_.begin_turn();
  Inbox::Content content = inbox_->take();
  if (content.snapshot != nullptr) {
    server_.on_snapshot(std::move(content.snapshot), intake_.now());
    gather_.set_longest(*content.coalesce);
  }
  for (RelayedBatch& batch : content.batches) {
    intake_.on_relayed_batch(batch);
  }
  heartbeat_.fetch_add(content.pings, std::memory_order_relaxed);
  if (content.stop) {
    stop();
  }
}

void Worker::Machine::stop() {
  server_.stop(intake_.now());
  intake_.end_turn();
  streams_.close_all();
  listeners_.clear();
  hooks_.reset();
  deadline_timer_.reset();
  sweep_timer_.reset();
  loop_.stop();
}

Worker::Worker(Setup setup)
    : machine_(std::make_unique<Machine>(std::move(setup), counters_, heartbeat_)) {}

Worker::~Worker() {
  if (thread_.joinable()) {
    post_stop();
    join();
  }
}

void Worker::start() {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this] { machine_->run(); });
}

void Worker::post_snapshot(std::shared_ptr<const turn::Snapshot> snapshot,
                           base::Duration coalesce) {
  machine_->inbox().post_snapshot(std::move(snapshot), coalesce);
}

bool Worker::post_batch(RelayedBatch batch) {
  return machine_->inbox().post_batch(std::move(batch));
}

void Worker::post_ping() {
  machine_->inbox().post_ping();
}

void Worker::post_stop() {
  machine_->inbox().post_stop();
}

void Worker::join() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

}  // namespace relay
