// SPDX-License-Identifier: Apache-2.0
#include "crypto/secure_random.hpp"
#include "load/client_links.hpp"
#include "load/jobs.hpp"
#include "load/progress.hpp"
#include "load/stopwatch.hpp"
#include "stun/message_builder.hpp"

#include <algorithm>

namespace load {
namespace {

constexpr std::uint32_t kUdpProtocol = 17U << 24U;
constexpr std::uint64_t kInFlight = 128;
// No answer for so long: what is out will not be answered, send on.
constexpr std::int64_t kPatience = 50'000'000;
constexpr std::int64_t kTurnTime = 10'000'000;

/// One Allocate without credentials from each of many source addresses.
class Strangers final : private ClientReceiver {
 public:
  explicit Strangers(const Options& options)
      : options_(options),
        links_(make_shared_udp_links(
            {options.server, options.clients, options.gro, options.timeout}, poller_)) {}

  void run() {
    ProgressLine progress(options_.progress);
    while (sent_ < options_.clients || (outstanding_ > 0 && now() - progress_at_ < kPatience)) {
      const std::int64_t time = now();
      if (time - progress_at_ >= kPatience) {
        outstanding_ = 0;
        progress_at_ = time;
      }
      for (; sent_ < options_.clients && outstanding_ < kInFlight; ++sent_, ++outstanding_) {
        ask(static_cast<std::uint32_t>(sent_));
      }
      links_->flush();
      for (const epoll_event& event : poller_.wait(kTurnTime)) {
        links_->on_ready(Poller::tag_of(event).index, *this);
      }
      if (progress.is_due(time)) {
        progress.show(time,
                      "Asking from " + with_separators(sent_) + " of " +
                          with_separators(options_.clients) + " sources");
      }
    }
  }

  [[nodiscard]] std::uint64_t answered() const { return answered_; }

 private:
  void ask(std::uint32_t source) {
    stun::TransactionId id{};
    random_.fill(id);
    std::array<std::byte, 64> buffer{};
    stun::MessageBuilder message(buffer, stun::MessageClass::Request, stun::Method::Allocate, id);
    message.add_u32(stun::AttributeType::RequestedTransport, kUdpProtocol);
    base::copy_bytes(links_->train(source, message.size(), 1), message.finish());
  }

  void on_frame(std::uint32_t /*client*/, base::Bytes /*frame*/, std::int64_t now) override {
    ++answered_;
    outstanding_ -= outstanding_ > 0 ? 1 : 0;
    progress_at_ = now;
  }

  void on_broken(std::uint32_t /*client*/, const std::string& /*why*/) override {}

  const Options& options_;
  Poller poller_;
  crypto::SecureRandom random_;
  std::unique_ptr<ClientLinks> links_;
  std::uint64_t sent_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t outstanding_ = 0;
  std::int64_t progress_at_ = now();
};

}  // namespace

JobResult run_sources(const Options& options) {
  const std::optional<ProcessMeter> server = meter_of(options);
  const std::uint64_t memory_before = memory_of(server);
  Strangers strangers(options);
  Stopwatch stopwatch(server);
  strangers.run();
  stopwatch.stop();

  JobResult result;
  Report& report = result.report;
  report.add_text("server", "server", options.server.to_string());
  report.add_count("sources", "source addresses", options.clients);
  report.add_count("answered", "answered", strangers.answered());
  report.add_number("seconds", "time", stopwatch.seconds(), "s");
  stopwatch.add_cpu_to(report, "request", options.clients);
  if (server) {
    const std::uint64_t memory_after = memory_of(server);
    const double grown = static_cast<double>(memory_after) - static_cast<double>(memory_before);
    report.add_count("memory_before_bytes", "server memory before", memory_before);
    report.add_count("memory_after_bytes", "  after", memory_after);
    report.add_number("memory_bytes_per_source", "  per source", grown / options.clients, "bytes");
  }
  if (strangers.answered() == 0) {
    report.add_note("The server answered none of them.");
  }
  result.is_sound = strangers.answered() > 0;
  return result;
}

}  // namespace load
