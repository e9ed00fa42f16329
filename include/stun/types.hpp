// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stun {

/// STUN methods by their IANA numbers.
enum class Method : std::uint16_t {
  Binding = 0x001,
  Allocate = 0x003,
  Refresh = 0x004,
  Send = 0x006,
  Data = 0x007,
  CreatePermission = 0x008,
  ChannelBind = 0x009,
};

/// The two class bits of RFC 8489 §5.
enum class MessageClass : std::uint8_t { Request = 0, Indication = 1, Success = 2, Error = 3 };

/// STUN attributes by their IANA numbers. Below 0x8000: comprehension required.
enum class AttributeType : std::uint16_t {
  MappedAddress = 0x0001,
  ChangeRequest = 0x0003,
  Username = 0x0006,
  MessageIntegrity = 0x0008,
  ErrorCode = 0x0009,
  UnknownAttributes = 0x000A,
  ChannelNumber = 0x000C,
  Lifetime = 0x000D,
  XorPeerAddress = 0x0012,
  Data = 0x0013,
  Realm = 0x0014,
  Nonce = 0x0015,
  XorRelayedAddress = 0x0016,
  RequestedAddressFamily = 0x0017,
  EvenPort = 0x0018,
  RequestedTransport = 0x0019,
  DontFragment = 0x001A,
  MessageIntegritySha256 = 0x001C,
  PasswordAlgorithm = 0x001D,
  Userhash = 0x001E,
  XorMappedAddress = 0x0020,
  ReservationToken = 0x0022,
  AdditionalAddressFamily = 0x8000,
  AddressErrorCode = 0x8001,
  PasswordAlgorithms = 0x8002,
  AlternateDomain = 0x8003,
  Icmp = 0x8004,
  Software = 0x8022,
  AlternateServer = 0x8023,
  Fingerprint = 0x8028,
};

/// Error codes of RFC 8489 §14.8 and RFC 8656 §19.
enum class ErrorCode : std::uint16_t {
  TryAlternate = 300,
  BadRequest = 400,
  Unauthenticated = 401,
  Forbidden = 403,
  UnknownAttribute = 420,
  AllocationMismatch = 437,
  StaleNonce = 438,
  AddressFamilyNotSupported = 440,
  WrongCredentials = 441,
  UnsupportedTransportProtocol = 442,
  PeerAddressFamilyMismatch = 443,
  AllocationQuotaReached = 486,
  ServerError = 500,
  InsufficientCapacity = 508,
};

/// Recommended reason phrase of the IANA registry.
[[nodiscard]] constexpr std::string_view reason_phrase(ErrorCode code) {
  switch (code) {
    case ErrorCode::TryAlternate:
      return "Try Alternate";
    case ErrorCode::BadRequest:
      return "Bad Request";
    case ErrorCode::Unauthenticated:
      return "Unauthenticated";
    case ErrorCode::Forbidden:
      return "Forbidden";
    case ErrorCode::UnknownAttribute:
      return "Unknown Attribute";
    case ErrorCode::AllocationMismatch:
      return "Allocation Mismatch";
    case ErrorCode::StaleNonce:
      return "Stale Nonce";
    case ErrorCode::AddressFamilyNotSupported:
      return "Address Family not Supported";
    case ErrorCode::WrongCredentials:
      return "Wrong Credentials";
    case ErrorCode::UnsupportedTransportProtocol:
      return "Unsupported Transport Protocol";
    case ErrorCode::PeerAddressFamilyMismatch:
      return "Peer Address Family Mismatch";
    case ErrorCode::AllocationQuotaReached:
      return "Allocation Quota Reached";
    case ErrorCode::ServerError:
      return "Server Error";
    case ErrorCode::InsufficientCapacity:
      return "Insufficient Capacity";
  }
  return {};
}

/// Password algorithms of RFC 8489 §18.5.
enum class PasswordAlgorithm : std::uint16_t { Md5 = 0x0001, Sha256 = 0x0002 };

/// Which of the two integrity attributes protects a message.
enum class IntegrityKind : std::uint8_t { Sha1, Sha256 };

using TransactionId = std::array<std::byte, 12>;

inline constexpr std::uint32_t kMagicCookie = 0x2112A442;
inline constexpr std::size_t kHeaderSize = 20;
inline constexpr std::size_t kAttributeHeaderSize = 4;
/// Largest length field that is a multiple of 4.
inline constexpr std::size_t kMessageSizeMax = kHeaderSize + 0xFFFC;
/// Longest USERNAME, REALM or NONCE that must be parsed, in bytes (RFC 8489 §14.3, §14.9, §14.10).
inline constexpr std::size_t kTextSizeMax = 763;

/// Rounds up to the 4-byte boundary that attributes and ChannelData over streams keep.
[[nodiscard]] constexpr std::size_t padded(std::size_t size) {
  return (size + 3U) & ~std::size_t{3};
}

}  // namespace stun
