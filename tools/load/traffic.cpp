// SPDX-License-Identifier: Apache-2.0
#include "load/traffic.hpp"

#include "load/failure.hpp"

#include <algorithm>
#include <array>

namespace load {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
// Long enough for any queue between here and there, short enough that a lost tail does not stall a
// client for long.
constexpr std::int64_t kGiveUpAfter = 250 * kMillisecond;
constexpr std::int64_t kMaintenanceInterval = 100 * kMillisecond;
constexpr std::int64_t kDrainTimeMax = 1000 * kMillisecond;
// What fell due longer ago than this is left out: sent in one burst it would only fill buffers.
constexpr std::int64_t kBehindMax = 10 * kMillisecond;
// A permission lives 300 s (RFC 8656 §9).
constexpr std::int64_t kRefreshInterval = 200'000 * kMillisecond;
constexpr std::size_t kRefreshesAtATime = 16;

constexpr std::array kChannelUpkeep{Step::Refresh, Step::CreatePermission, Step::ChannelBind};
constexpr std::array kSendUpkeep{Step::Refresh, Step::CreatePermission};

}  // namespace

Traffic::Traffic(const Options& options, Fleet& fleet)
    : options_(options),
      fleet_(fleet),
      format_(options, fleet.clients()),
      run_(crypto::SecureRandom().next_u32()),
      codec_(run_),
      flows_(fleet.size()),
      next_send_(now()),
      refreshed_at_(now()) {
  for (const TurnClient& client : fleet.clients()) {
    relayed_.emplace_back(client.relayed_address());
  }
  fleet_.set_receivers(this, this);
}

void Traffic::begin_measurement() {
  is_measuring_ = true;
}

void Traffic::run_until(std::int64_t end) {
  for (std::int64_t time = now(); time < end; time = now()) {
    send_due(time);
    std::int64_t timeout = std::min(end - time, kMaintenanceInterval);
    if (options_.rate > 0) {
      timeout = options_.wait == Wait::Spin
                    ? 0
                    : std::clamp<std::int64_t>(next_send_ - now(), 0, timeout);
    }
    fleet_.pump(timeout);
    if (time >= next_maintenance_) {
      maintain(time);
    }
  }
}

void Traffic::drain() {
  const std::int64_t end = now() + kDrainTimeMax;
  for (std::int64_t time = now(); outstanding_ > 0 && time < end; time = now()) {
    fleet_.pump(std::min(end - time, kMaintenanceInterval));
  }
}

void Traffic::send_due(std::int64_t now) {
  if (options_.rate <= 0) {
    saturate(now);
    return;
  }
  const auto interval =
      static_cast<std::int64_t>(1e9 * static_cast<double>(options_.train) / options_.rate);
  if (now - next_send_ > kBehindMax) {
    const std::int64_t missed = (now - next_send_) / interval;
    tally_.skipped += static_cast<std::uint64_t>(missed) * options_.train;
    next_send_ += missed * interval;
  }
  for (; next_send_ <= now; next_send_ += interval) {
    if (!send_train(take_turn(), now)) {
      tally_.skipped += options_.train;
    }
  }
}

void Traffic::saturate(std::int64_t now) {
  const std::uint64_t limit = std::max<std::uint64_t>(options_.in_flight, options_.train);
  for (std::uint32_t blocked = 0;
       outstanding_ + options_.train <= limit && blocked < fleet_.size();) {
    if (!send_train(take_turn(), now)) {
      ++blocked;
    }
  }
}

std::uint32_t Traffic::take_turn() {
  const std::uint32_t client = turn_;
  turn_ = turn_ + 1 == fleet_.size() ? 0 : turn_ + 1;
  return client;
}

bool Traffic::send_train(std::uint32_t client, std::int64_t now) {
  const bool is_down = options_.mode == Mode::Down;
  const std::size_t size = is_down ? options_.size : format_.frame_size();
  base::MutableBytes train =
      is_down ? fleet_.peers().train(client, relayed_[client], size, options_.train)
              : fleet_.links().train(client, size, options_.train);
  if (train.empty()) {
    return false;
  }
  Flow& flow = flows_[client];
  std::uint32_t sequence = flow.next_sequence();
  for (; !train.empty(); train = train.subspan(size), ++sequence) {
    const base::MutableBytes frame = train.first(size);
    write_payload(client,
                  is_down ? frame : format_.open(fleet_.clients()[client], frame, sequence),
                  sequence,
                  now);
  }
  flow.on_sent(static_cast<std::uint32_t>(options_.train), now);
  outstanding_ += options_.train;
  tally_.sent += options_.train;
  measured_sent_ += is_measuring_ ? options_.train : 0;
  return true;
}

void Traffic::write_payload(std::uint32_t client,
                            base::MutableBytes out,
                            std::uint32_t sequence,
                            std::int64_t now) {
  codec_.write(out, {run_, client, sequence, is_measuring_ ? 1U : 0U, now});
}

void Traffic::on_data(std::uint32_t client, base::Bytes frame, std::int64_t now) {
  const auto payload = format_.unwrap(fleet_.clients()[client], frame);
  if (payload) {
    arrive(client, *payload, now);
  } else {
    count(payload.error());
  }
}

void Traffic::on_relayed(std::uint32_t socket, const RxBatch::Buffer& buffer, std::int64_t now) {
  if (options_.mode != Mode::Up) {
    reflect(socket, buffer);
    return;
  }
  const auto source = base::TransportAddress::from_sockaddr(buffer.source);
  for_each_datagram(buffer, [&](base::Bytes payload) {
    const auto header = PayloadCodec::peek(payload);
    if (header && header->run == run_ && !is_peer_right(header->client, socket, source)) {
      count(Fault::Misrouted);
    } else {
      arrive(header ? header->client : 0, payload, now);
    }
  });
}

bool Traffic::is_peer_right(std::uint32_t client,
                            std::uint32_t socket,
                            const std::optional<base::TransportAddress>& source) const {
  return client < fleet_.size() && fleet_.peers().socket_of(client) == socket && source &&
         *source == fleet_.clients()[client].relayed_address();
}

void Traffic::reflect(std::uint32_t socket, const RxBatch::Buffer& buffer) {
  const auto source = base::TransportAddress::from_sockaddr(buffer.source);
  for_each_datagram(buffer, [&](base::Bytes payload) {
    // The client checks the whole; here only whose it is, or a wrong path could come back right.
    const auto header = PayloadCodec::peek(payload);
    if (!header || header->run != run_) {
      ++(header ? tally_.stray : tally_.corrupted);
    } else if (!is_peer_right(header->client, socket, source)) {
      count(Fault::Misrouted);
    } else if (options_.mode == Mode::Echo) {
      ++tally_.relayed;
      fleet_.peers().reflect(socket, buffer.source, payload, options_.train);
    }
  });
}

void Traffic::arrive(std::uint32_t client, base::Bytes payload, std::int64_t now) {
  const auto header = PayloadCodec::check(payload);
  if (!header || payload.size() != options_.size) {
    count(Fault::Corrupted);
    return;
  }
  if (header->run != run_) {
    ++tally_.stray;
    return;
  }
  if (header->client != client) {
    count(Fault::Misrouted);
    return;
  }
  Flow& flow = flows_[client];
  outstanding_ -= flow.on_arrived(header->sequence, now);
  ++tally_.relayed;
  switch (flow.window().note(header->sequence)) {
    case SequenceWindow::Verdict::First:
      break;
    case SequenceWindow::Verdict::Again:
      ++tally_.duplicated;
      return;
    case SequenceWindow::Verdict::TooOld:
      ++tally_.stray;
      return;
  }
  ++tally_.received;
  if (header->measured != 0) {
    ++measured_received_;
    latency_.record(now - header->sent_at);
  }
}

void Traffic::count(Fault fault) {
  ++(fault == Fault::Misrouted ? tally_.misrouted : tally_.corrupted);
}

void Traffic::maintain(std::int64_t now) {
  next_maintenance_ = now + kMaintenanceInterval;
  for (Flow& flow : flows_) {
    outstanding_ -= flow.give_up(now - kGiveUpAfter);
  }
  if (now - refreshed_at_ >= kRefreshInterval) {
    refresh_allocations(now);
  }
  for (const auto& completion : fleet_.transactions().take_completions()) {
    if (completion.failure) {
      throw Failure("Client " + std::to_string(completion.client + 1) +
                    " could not keep its allocation: " + *completion.failure);
    }
  }
}

void Traffic::refresh_allocations(std::int64_t now) {
  Transactions& transactions = fleet_.transactions();
  for (; refresh_turn_ < fleet_.size() && transactions.active() < kRefreshesAtATime;
       ++refresh_turn_) {
    if (options_.method == Method::Channel) {
      transactions.start(refresh_turn_, kChannelUpkeep, now);
    } else {
      transactions.start(refresh_turn_, kSendUpkeep, now);
    }
  }
  if (refresh_turn_ == fleet_.size()) {
    refresh_turn_ = 0;
    refreshed_at_ = now;
  }
}

}  // namespace load
