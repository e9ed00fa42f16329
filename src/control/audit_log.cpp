// SPDX-License-Identifier: Apache-2.0
#include "control/audit_log.hpp"

#include <utility>

namespace control {
namespace {

std::string_view to_text(stun::Method method) {
  switch (method) {
    case stun::Method::Binding:
      return "Binding";
    case stun::Method::Allocate:
      return "Allocate";
    case stun::Method::Refresh:
      return "Refresh";
    case stun::Method::Send:
      return "Send";
    case stun::Method::Data:
      return "Data";
    case stun::Method::CreatePermission:
      return "CreatePermission";
    case stun::Method::ChannelBind:
      return "ChannelBind";
  }
  return "?";
}

std::vector<LogField> fields_of(const turn::Allocation& allocation) {
  std::vector<LogField> fields{
      {"user", allocation.identity.user},
      {"username", allocation.identity.username},
      {"client", allocation.five_tuple.client.to_string()},
      {"transport", std::string(base::to_text(allocation.five_tuple.transport))}};
  for (const auto& relay : allocation.relays) {
    if (relay) {
      fields.push_back({"relayed", relay->external.to_string()});
    }
  }
  return fields;
}

}  // namespace

void AuditLog::on_allocation_created(const turn::Allocation& allocation, base::Now /*now*/) {
  if (log_.is_on(LogLevel::Debug)) {
    std::vector<LogField> fields = fields_of(allocation);
    fields.push_back({"secret", allocation.identity.secret_id});
    log_.write(LogLevel::Debug, "allocation created", std::move(fields));
  }
}

void AuditLog::on_allocation_ended(const turn::Allocation& allocation,
                                   turn::EndReason reason,
                                   base::Now now) {
  if (!log_.is_on(LogLevel::Debug)) {
    return;
  }
  const auto age =
      std::chrono::duration_cast<std::chrono::seconds>(now.monotonic - allocation.created);
  std::vector<LogField> fields = fields_of(allocation);
  fields.push_back({"reason", std::string(turn::to_text(reason))});
  fields.push_back({"seconds", std::to_string(age.count())});
  fields.push_back({"bytes_to_peer", std::to_string(allocation.traffic.bytes_to_peer)});
  fields.push_back({"bytes_to_client", std::to_string(allocation.traffic.bytes_to_client)});
  log_.write(LogLevel::Debug, "allocation ended", std::move(fields));
}

bool AuditLog::is_worth_a_line(std::size_t hash, base::Instant now, std::uint64_t& left_out) {
  constexpr std::chrono::minutes kMinute{1};
  return refusals_.with([&](Refusals& refusals) {
    Told& told = refusals.told[hash % kToldSize];
    if (told.hash == hash && told.until > now) {
      return false;
    }
    if (refusals.in_minute == 0 || now - refusals.minute_began >= kMinute) {
      left_out = std::exchange(refusals.left_out, 0);
      refusals.minute_began = now;
      refusals.in_minute = 0;
    }
    if (refusals.in_minute >= kRefusalsPerMinute) {
      ++refusals.left_out;
      return false;
    }
    ++refusals.in_minute;
    told = {hash, now + kMinute};
    return true;
  });
}

void AuditLog::on_credential_refused(const base::FiveTuple& client,
                                     std::string_view username,
                                     const auth::Refusal& refusal,
                                     base::Now now) {
  const bool is_ordinary = refusal.reason == auth::RefusalReason::StaleNonce;
  const LogLevel level = is_ordinary ? LogLevel::Debug : LogLevel::Info;
  if (!log_.is_on(level)) {
    return;
  }
  const std::size_t hash = std::hash<std::string_view>{}(username)*31 +
                           std::hash<base::IpAddress>{}(client.client.ip) +
                           static_cast<std::size_t>(refusal.reason);
  std::uint64_t left_out = 0;
  if (!is_worth_a_line(hash, now.monotonic, left_out)) {
    return;
  }
  if (left_out != 0) {
    log_.write(LogLevel::Warn,
               "more credentials were refused than are told",
               {{"count", std::to_string(left_out)}});
  }
  std::string reason(turn::to_text(refusal.reason));
  if (refusal.reason == auth::RefusalReason::Expired) {
    reason += " " + std::to_string(refusal.expired_ago.count()) + " s ago";
  }
  log_.write(level,
             "credential refused",
             {{"reason", std::move(reason)},
              {"username", std::string(username)},
              {"client", client.client.to_string()},
              {"transport", std::string(base::to_text(client.transport))},
              {"code", std::to_string(static_cast<unsigned>(refusal.code))}});
}

void AuditLog::on_request_refused(const base::FiveTuple& client,
                                  std::string_view username,
                                  stun::Method method,
                                  stun::ErrorCode code,
                                  base::Now /*now*/) {
  log_.write(LogLevel::Debug,
             "request refused",
             {{"method", std::string(to_text(method))},
              {"code", std::to_string(static_cast<unsigned>(code))},
              {"phrase", std::string(stun::reason_phrase(code))},
              {"username", std::string(username)},
              {"client", client.client.to_string()}});
}

}  // namespace control
