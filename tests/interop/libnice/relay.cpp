// SPDX-License-Identifier: Apache-2.0
//
// Two ICE agents of libnice in one process, both confined to relayed candidates. They swap
// candidates in memory, connect through the TURN server, and send each other messages whose
// contents are compared. A lost message stops the exchange, and then the deadline fails the run.
#include "agent.hpp"

#include <charconv>
#include <initializer_list>
#include <iostream>

namespace {

constexpr guint kDeadlineSeconds = 30;
constexpr unsigned kMostMessages = 1'000'000;

/// Both agents, what comes after what, and the verdict.
class Call : private Agent::Listener {
 public:
  explicit Call(const Options& options)
      : messages_(options.messages), left_('L', options, *this), right_('R', options, *this) {}

  /// Runs to the end or to the deadline: true when every message arrived as it was sent.
  bool run();

 private:
  struct Unref {
    void operator()(GMainLoop* loop) const { g_main_loop_unref(loop); }
  };

  enum class Step { kGather, kConnect, kExchange, kClose };

  void on_progress() override;
  void on_failure(const std::string& why) override;
  void hang_up();

  const unsigned messages_;
  std::unique_ptr<GMainLoop, Unref> loop_{g_main_loop_new(nullptr, FALSE)};
  Agent left_;
  Agent right_;
  Step step_ = Step::kGather;
  bool failed_ = false;
};

bool Call::run() {
  const auto expire = [](gpointer self) -> gboolean {
    static_cast<Call*>(self)->on_failure("the deadline passed");
    return G_SOURCE_REMOVE;
  };
  g_timeout_add_seconds(kDeadlineSeconds, expire, this);
  left_.gather();
  right_.gather();
  if (!failed_) {
    g_main_loop_run(loop_.get());
  }
  for (const Agent* each : {&left_, &right_}) {
    std::cout << "sent " << each->sent() << " received " << each->received() << "\n";
  }
  return !failed_;
}

void Call::on_progress() {
  if (failed_) {
    return;
  }
  if (step_ == Step::kGather && left_.gathered() && right_.gathered()) {
    step_ = Step::kConnect;
    left_.connect_to(right_);
    right_.connect_to(left_);
  } else if (step_ == Step::kConnect && left_.ready() && right_.ready()) {
    step_ = Step::kExchange;
  }
  if (step_ == Step::kExchange) {
    left_.send_what_fits();
    right_.send_what_fits();
    if (left_.received() == messages_ && right_.received() == messages_) {
      hang_up();
    }
  }
  if (step_ == Step::kClose && left_.closed() && right_.closed()) {
    g_main_loop_quit(loop_.get());
  }
}

void Call::hang_up() {
  step_ = Step::kClose;
  for (const Agent* each : {&left_, &right_}) {
    const auto pair = each->relayed_pair();
    if (!pair) {
      on_failure("the selected pair is not of relayed candidates");
      return;
    }
    std::cout << "pair " << *pair << "\n";
  }
  left_.close();
  right_.close();
}

void Call::on_failure(const std::string& why) {
  std::cerr << "libnice_relay: " << why << "\n";
  failed_ = true;
  g_main_loop_quit(loop_.get());
}

template <class Number>
bool parse(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

std::optional<Options> parse_options(const std::vector<std::string>& words) {
  Options options;
  if (words.size() != 7 || !parse(words[2], options.port) || !parse(words[6], options.messages) ||
      options.messages < 1 || options.messages > kMostMessages ||
      (words[3] != "udp" && words[3] != "tcp")) {
    return std::nullopt;
  }
  options.host = words[1];
  options.transport = words[3] == "udp" ? NICE_RELAY_TYPE_TURN_UDP : NICE_RELAY_TYPE_TURN_TCP;
  options.username = words[4];
  options.password = words[5];
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_options({argv, argv + argc});
  if (!options) {
    std::cerr << "usage: libnice_relay HOST PORT udp|tcp USERNAME PASSWORD MESSAGES\n";
    return 2;
  }
  return Call(*options).run() ? 0 : 1;
}
