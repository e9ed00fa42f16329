// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turn/allocation.hpp"

#include <string_view>
#include <system_error>

namespace turn {

/// What the core asks of whoever runs it. Calls come from inside Server's methods; none may call
/// back into the Server.
class Outputs {
 public:
  Outputs() = default;
  Outputs(const Outputs&) = delete;
  Outputs& operator=(const Outputs&) = delete;
  Outputs(Outputs&&) = delete;
  Outputs& operator=(Outputs&&) = delete;
  virtual ~Outputs() = default;

  /// Sends a message to a client. The bytes live until the call returns.
  virtual void send_to_client(const base::FiveTuple& to, base::Bytes message) = 0;

  /// Opens the socket of a relayed transport address, at once: an Allocate is answered only when it
  /// exists.
  [[nodiscard]] virtual std::error_code open_relay(RelayId relay,
                                                   const base::TransportAddress& local) = 0;

  /// Closes it. Nothing arrives from it afterwards.
  virtual void close_relay(RelayId relay) = 0;

  /// Whether a socket could be bound to this address. For the second port of EVEN-PORT.
  [[nodiscard]] virtual bool can_bind(const base::TransportAddress& local) = 0;

  /// The allocation of this client is gone: a stream may close in its own time.
  virtual void allocation_gone(const base::FiveTuple& client) = 0;
};

/// Counts allocations by user over all workers. Slow path; a lock behind it is fine.
class QuotaGate {
 public:
  enum class Verdict : std::uint8_t { Granted, UserLimit, ServerLimit };

  QuotaGate() = default;
  QuotaGate(const QuotaGate&) = delete;
  QuotaGate& operator=(const QuotaGate&) = delete;
  QuotaGate(QuotaGate&&) = delete;
  QuotaGate& operator=(QuotaGate&&) = delete;
  virtual ~QuotaGate() = default;

  /// Takes one of the user's allocations, or says which limit stands in the way. 0: no limit.
  [[nodiscard]] virtual Verdict take(const std::string& user,
                                     std::uint32_t per_user,
                                     std::uint32_t total) = 0;
  virtual void give_back(const std::string& user) = 0;
};

/// Why an allocation ended.
enum class EndReason : std::uint8_t { Expired, Deleted, ConnectionClosed, Stopped };

[[nodiscard]] std::string_view to_text(EndReason reason);
[[nodiscard]] std::string_view to_text(auth::RefusalReason reason);

/// Told of what an operator may want to know. Never on a datagram's path.
class AuditSink {
 public:
  AuditSink() = default;
  AuditSink(const AuditSink&) = delete;
  AuditSink& operator=(const AuditSink&) = delete;
  AuditSink(AuditSink&&) = delete;
  AuditSink& operator=(AuditSink&&) = delete;
  virtual ~AuditSink() = default;

  virtual void on_allocation_created(const Allocation& allocation, base::Now now) = 0;
  virtual void on_allocation_ended(const Allocation& allocation,
                                   EndReason reason,
                                   base::Now now) = 0;
  /// `username` is what the client sent, not checked to be text.
  virtual void on_credential_refused(const base::FiveTuple& client,
                                     std::string_view username,
                                     const auth::Refusal& refusal,
                                     base::Now now) = 0;
  /// A request of an authenticated client that was refused, with the error code it got.
  virtual void on_request_refused(const base::FiveTuple& client,
                                  std::string_view username,
                                  stun::Method method,
                                  stun::ErrorCode code,
                                  base::Now now) = 0;
};

}  // namespace turn
