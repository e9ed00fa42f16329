// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace control {

struct LogRecord;

/// Tells systemd, as sd_notify(3): "READY=1" and the like. Nothing happens when it does not listen.
void notify_systemd(const std::string& state);

/// RELOADING=1 with the moment it was sent, without which `systemctl reload` would wait for ever.
void notify_reloading();

/// The watchdog's period, when systemd wants to hear from this process.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_period();

/// Whether stderr is the journal's: JOURNAL_STREAM names it.
[[nodiscard]] bool is_stderr_journald();

/// Sends a record with its fields as TURNPIKE_KEY=value. False when the journal does not take it.
[[nodiscard]] bool send_to_journal(const LogRecord& record);

}  // namespace control
