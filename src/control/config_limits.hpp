// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// Ranges of configuration values.

namespace control {

/// A worker's number and "free" share a byte a port: turn::WorkerIndex.
inline constexpr std::int64_t kWorkersMax = 126;
/// Longer gathering would be heard: a datagram waits this long at most.
inline constexpr std::chrono::milliseconds kCoalesceMax{10};
/// RFC 8489 §14.14: SOFTWARE has fewer than 128 characters. Bytes here, to stay below any path's
/// MTU.
inline constexpr std::size_t kSoftwareBytesMax = 127;
/// Bytes of a realm: in every challenge, so kept far below the 763 that RFC 8489 §14.9 allows.
inline constexpr std::size_t kRealmBytesMax = 127;
/// Beyond it a challenge does not offer SHA-256 to the shortest Allocate:
/// docs/adr/0009-challenges.md.
inline constexpr std::size_t kRealmBytesLong = 32;
/// Permissions and channels an allocation: each costs memory, and a channel number is one of 4096
/// (RFC 8656 §12).
inline constexpr std::int64_t kPermissionsMax = 4096;
inline constexpr std::int64_t kChannelsMax = 4096;
/// Above, the budget protects nobody any more.
inline constexpr std::int64_t kUnauthenticatedMax = 10'000;
/// RFC 8656 §7.2: a server must not grant less than its default, and should not grant more than an
/// hour.
inline constexpr std::chrono::hours kLifetimeRecommended{1};
inline constexpr std::chrono::hours kLifetimeLimit{24};
/// RFC 8656 §5: nonces should change at least once an hour.
inline constexpr std::chrono::seconds kNonceLifetimeMin{60};
inline constexpr std::chrono::hours kNonceLifetimeRecommended{1};
inline constexpr std::chrono::hours kNonceLifetimeMax{24};
/// Lives of minted credentials, as SFUs clamp them.
inline constexpr std::chrono::seconds kIceTtlMin{300};
inline constexpr std::chrono::hours kIceTtlMax{24};
/// Each URL costs a client an allocation; browsers complain about more.
inline constexpr std::size_t kIceUrlsMax = 4;
/// Ports below are for services (RFC 6335); relays have no business there.
inline constexpr std::uint16_t kRelayPortMin = 1024;
/// A shorter secret can be guessed from any one credential.
inline constexpr std::size_t kSecretBytesRecommended = 16;
/// Bytes of an id of a secret: it is a file name of systemd's credentials, and stands in logs.
inline constexpr std::size_t kSecretIdBytesMax = 64;
/// Bytes of the files we read whole.
inline constexpr std::size_t kConfigBytesMax = 1U << 20U;
inline constexpr std::size_t kSecretFileBytesMax = 4096;

}  // namespace control
