// SPDX-License-Identifier: Apache-2.0
#include "load/transactions.hpp"

#include <algorithm>
#include <utility>

namespace load {
namespace {

// RFC 8489 §6.2.1: RTO.
constexpr std::int64_t kRetransmitAfter = 500'000'000;

base::Instant instant_of(std::int64_t nanoseconds) {
  return base::Instant(base::Duration(nanoseconds));
}

}  // namespace

Transactions::Transactions(std::vector<TurnClient>& clients,
                           ClientLinks& links,
                           base::RandomSource& random,
                           Options options)
    : clients_(clients),
      links_(links),
      random_(random),
      options_(options),
      sequences_(options.clients),
      buffer_(TurnClient::kRequestBytesMax) {}

void Transactions::start(std::uint32_t client, std::span<const Step> steps, std::int64_t now) {
  Sequence& sequence = sequences_[client];
  if (!sequence.is_active) {
    sequence.is_active = true;
    ++active_;
  }
  sequence.steps = steps;
  begin_step(client, now);
}

void Transactions::begin_step(std::uint32_t client, std::int64_t now) {
  Sequence& sequence = sequences_[client];
  send(client, clients_[client].begin(sequence.steps.front(), buffer_, random_));
  sequence.started_at = now;
  sequence.retransmit_after = options_.retransmit ? kRetransmitAfter : options_.timeout;
  arm(client, now);
}

void Transactions::arm(std::uint32_t client, std::int64_t now) {
  Sequence& sequence = sequences_[client];
  sequence.due_at =
      std::min(now + sequence.retransmit_after, sequence.started_at + options_.timeout);
  // An entry that comes too early is pushed on when it comes, so that most requests push nothing.
  if (sequence.queued_at == 0 || sequence.queued_at > sequence.due_at) {
    deadlines_.push(instant_of(sequence.due_at), client);
    sequence.queued_at = sequence.due_at;
  }
}

void Transactions::send(std::uint32_t client, base::Bytes message) {
  // A full TCP connection takes no request; the timeout tells.
  const base::MutableBytes room = links_.train(client, message.size(), 1);
  if (room.size() == message.size()) {
    base::copy_bytes(room, message);
  }
}

void Transactions::on_message(std::uint32_t client, base::Bytes message, std::int64_t now) {
  Sequence& sequence = sequences_[client];
  const auto answer = stun::MessageView::parse(message);
  if (!answer || !sequence.is_active) {
    return;
  }
  switch (clients_[client].on_answer(*answer)) {
    case TurnClient::Outcome::NotMine:
      return;
    case TurnClient::Outcome::Again:
      ++challenges_;
      begin_step(client, now);
      return;
    case TurnClient::Outcome::Taken:
      ++moves_;
      links_.renew(client);
      begin_step(client, now);
      return;
    case TurnClient::Outcome::Refused:
      finish(client, clients_[client].refusal());
      return;
    case TurnClient::Outcome::Done:
      break;
  }
  sequence.steps = sequence.steps.subspan(1);
  if (sequence.steps.empty()) {
    finish(client, std::nullopt);
  } else {
    begin_step(client, now);
  }
}

void Transactions::fail(std::uint32_t client, std::string why) {
  if (sequences_[client].is_active) {
    finish(client, std::move(why));
  }
}

void Transactions::run_due(std::int64_t now) {
  while (const auto client = deadlines_.pop_due(instant_of(now))) {
    Sequence& sequence = sequences_[*client];
    sequence.queued_at = 0;
    if (!sequence.is_active) {
      continue;
    }
    if (sequence.due_at > now) {
      deadlines_.push(instant_of(sequence.due_at), *client);
      sequence.queued_at = sequence.due_at;
    } else if (now >= sequence.started_at + options_.timeout) {
      finish(*client,
             "No answer to " + std::string(to_text(sequence.steps.front())) + " within " +
                 std::to_string(options_.timeout / 1'000'000) + " ms");
    } else {
      ++retransmissions_;
      send(*client, clients_[*client].repeat(buffer_));
      sequence.retransmit_after *= 2;
      arm(*client, now);
    }
  }
}

void Transactions::finish(std::uint32_t client, std::optional<std::string> failure) {
  sequences_[client].is_active = false;
  --active_;
  completions_.push_back({client, std::move(failure)});
}

std::optional<std::int64_t> Transactions::next_deadline() const {
  const auto next = active_ == 0 ? std::nullopt : deadlines_.next();
  return next ? std::optional<std::int64_t>(next->time_since_epoch().count()) : std::nullopt;
}

std::vector<Transactions::Completion> Transactions::take_completions() {
  return std::exchange(completions_, {});
}

}  // namespace load
