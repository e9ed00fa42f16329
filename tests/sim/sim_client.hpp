// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/ask.hpp"
#include "support/seeded_random.hpp"

#include <optional>
#include <set>
#include <vector>

namespace sim {

/// What a client does next.
enum class Act : std::uint8_t { Ask, SendOnChannel, SendIndication, Rebind, Idle };

/// A client that does all the things clients do and some that they should not. It knows what it was
/// answered, decides by dice, and judges nothing: that is the model's part.
class SimClient {
 public:
  SimClient(base::FiveTuple five_tuple, Account account, support::SeededRandom& random)
      : five_tuple_(std::move(five_tuple)), account_(std::move(account)), random_(random) {}

  [[nodiscard]] const base::FiveTuple& five_tuple() const { return five_tuple_; }

  [[nodiscard]] bool is_stream() const { return five_tuple_.transport == base::Transport::Tcp; }

  [[nodiscard]] Act next_act();
  /// A new request, and the only one under way.
  [[nodiscard]] Ask make_ask(const std::vector<base::TransportAddress>& peers);
  /// A peer to send to: mostly one that was granted.
  [[nodiscard]] base::TransportAddress choose_peer(
      const std::vector<base::TransportAddress>& peers);
  /// A channel to send on: mostly one that was granted.
  [[nodiscard]] std::uint16_t choose_channel();

  [[nodiscard]] const std::optional<Ask>& pending() const { return pending_; }

  void give_up() { pending_.reset(); }

  /// An answer has come to what is pending. `made_nonce`: when the server made the nonce in it.
  void on_answer(const Answer& answer, base::Instant made_nonce);
  /// A NAT forgot the binding, or the stream was opened anew: another port, and nothing that was is
  /// known.
  void rebind();

  /// Shows this token in a later Allocate.
  void learn_token(const turn::ReservationToken& token) { token_ = token; }

  [[nodiscard]] const std::optional<turn::ReservationToken>& token() const { return token_; }

 private:
  [[nodiscard]] Ask make_allocate();
  [[nodiscard]] Ask make_refresh();
  [[nodiscard]] Ask make_create_permission(const std::vector<base::TransportAddress>& peers);
  [[nodiscard]] Ask make_channel_bind(const std::vector<base::TransportAddress>& peers);
  void sign(Ask& ask);
  void forget_allocation();

  /// Any of a list, which must not be empty.
  template <typename T>
  [[nodiscard]] const T& any_of(const std::vector<T>& list) {
    return list[random_.below(static_cast<std::uint32_t>(list.size()))];
  }

  /// Any peer, mostly one of a family that it has a relayed address of.
  [[nodiscard]] base::TransportAddress choose_new_peer(
      const std::vector<base::TransportAddress>& peers);

  base::FiveTuple five_tuple_;
  Account account_;
  support::SeededRandom& random_;
  std::string nonce_;
  base::Instant nonce_made_;
  base::TransportAddress nonce_for_;
  bool is_allocated_ = false;  ///< As far as it knows; so the next three.
  std::set<base::Family> families_;
  std::vector<base::TransportAddress> granted_peers_;
  std::vector<std::uint16_t> granted_channels_;
  std::optional<turn::ReservationToken> token_;
  std::optional<Ask> pending_;
};

}  // namespace sim
