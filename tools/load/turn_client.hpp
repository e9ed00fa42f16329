// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/random.hpp"
#include "stun/channel_data.hpp"
#include "stun/integrity.hpp"
#include "stun/message_view.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace load {

/// A user name with its password, and the long-term key of the realm last seen. One account serves
/// many clients.
class Account {
 public:
  Account(std::string username, std::string password)
      : username_(std::move(username)), password_(std::move(password)) {}

  [[nodiscard]] const std::string& username() const { return username_; }

  [[nodiscard]] const std::string& realm() const { return realm_; }

  [[nodiscard]] base::Bytes key() const { return key_.bytes(); }

  void learn_realm(std::string_view realm);

 private:
  std::string username_;
  std::string password_;
  std::string realm_;
  stun::LongTermKey key_;
};

/// Credential of coturn's use-auth-secret and its like: user name "EXPIRY:user", password
/// base64(HMAC-SHA-1(secret, user name)).
[[nodiscard]] Account time_limited_account(std::string_view secret,
                                           std::string_view user,
                                           std::int64_t expires_at);

/// What a client asks of the server. Release is a Refresh with lifetime 0.
enum class Step : std::uint8_t { Allocate, CreatePermission, ChannelBind, Refresh, Release };

[[nodiscard]] std::string_view to_text(Step step);

/// The signalling of one client, without a socket or a clock: makes requests, reads answers.
class TurnClient {
 public:
  enum class Outcome : std::uint8_t {
    NotMine,  ///< Not an answer to the request that is out.
    Done,
    Again,    ///< Challenged with a new nonce: send what begin() returns.
    Taken,    ///< 437: the server still knows this 5-tuple. Ask from another one. RFC 8656 §7.4.
    Refused,  ///< refusal() says why.
  };

  TurnClient(std::shared_ptr<Account> account, stun::ChannelNumber channel)
      : account_(std::move(account)), channel_(channel) {}

  void set_peer(const base::TransportAddress& peer) { peer_ = peer; }

  /// Starts a transaction and writes its request into `buffer`, of kRequestBytesMax.
  [[nodiscard]] base::Bytes begin(Step step, base::MutableBytes buffer, base::RandomSource& random);
  /// Writes the same request once more, for a retransmission.
  [[nodiscard]] base::Bytes repeat(base::MutableBytes buffer) const;
  [[nodiscard]] Outcome on_answer(const stun::MessageView& answer);

  /// Starts over as a client that the server has never challenged.
  void forget_nonce() { nonce_.clear(); }

  [[nodiscard]] Step step() const { return step_; }

  [[nodiscard]] const std::string& refusal() const { return refusal_; }

  [[nodiscard]] const base::TransportAddress& peer() const { return peer_; }

  [[nodiscard]] const base::TransportAddress& relayed_address() const { return relayed_address_; }

  [[nodiscard]] stun::ChannelNumber channel() const { return channel_; }

  static constexpr std::size_t kRequestBytesMax = 4096;

 private:
  [[nodiscard]] Outcome on_success(const stun::MessageView& answer);
  [[nodiscard]] Outcome on_error(const stun::MessageView& answer);
  [[nodiscard]] Outcome refuse(std::string why);

  std::shared_ptr<Account> account_;
  stun::ChannelNumber channel_;
  base::TransportAddress peer_;
  base::TransportAddress relayed_address_;
  std::string nonce_;
  std::string refusal_;
  stun::TransactionId transaction_id_{};
  Step step_ = Step::Allocate;
  bool outstanding_ = false;
  int moves_ = 0;       // To other 5-tuples in a row.
  int challenges_ = 0;  // Of this step in a row.
};

}  // namespace load
