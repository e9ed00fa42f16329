// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;
struct sockaddr_storage;

namespace base {

/// Address family by the number that STUN gives it (RFC 8489 §14.1).
enum class Family : std::uint8_t { IPv4 = 0x01, IPv6 = 0x02 };

/// An IPv4 or IPv6 address. IPv4 uses the first 4 bytes, the rest stay zero. An IPv4-mapped IPv6
/// address stays IPv6.
class IpAddress {
 public:
  IpAddress() = default;

  /// From 4 or 16 bytes in network order; nothing for any other length.
  [[nodiscard]] static std::optional<IpAddress> from_bytes(Bytes bytes);
  /// From dotted or colon text, without a zone.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] Family family() const { return family_; }

  [[nodiscard]] bool is_ipv4() const { return family_ == Family::IPv4; }

  /// 4 or 16 bytes in network order.
  [[nodiscard]] Bytes bytes() const { return Bytes(bytes_).first(is_ipv4() ? 4 : 16); }

  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::byte, 16> bytes_{};
  Family family_ = Family::IPv4;
};

/// IP address and port: a transport address in RFC 8656's words.
struct TransportAddress {
  IpAddress ip;
  std::uint16_t port = 0;

  /// From "192.0.2.1:3478" or "[2001:db8::1]:3478".
  [[nodiscard]] static std::optional<TransportAddress> parse(std::string_view text);
  /// From a sockaddr_in or sockaddr_in6; nothing for other families. An IPv4-mapped address becomes
  /// IPv4.
  [[nodiscard]] static std::optional<TransportAddress> from_sockaddr(const sockaddr* from);
  /// Writes a sockaddr and returns its length.
  std::uint32_t to_sockaddr(sockaddr_storage& to) const;
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const TransportAddress&, const TransportAddress&) = default;
  friend auto operator<=>(const TransportAddress&, const TransportAddress&) = default;
};

/// What carries messages between client and server.
enum class Transport : std::uint8_t { Udp, Tcp };

[[nodiscard]] std::string_view to_text(Transport transport);

/// The communication path of a client: RFC 8656 §2. The protocol is part of it.
struct FiveTuple {
  TransportAddress client;
  TransportAddress server;
  Transport transport = Transport::Udp;

  friend bool operator==(const FiveTuple&, const FiveTuple&) = default;
};

/// Cheap mixing hash for tables whose keys only authenticated clients can add.
[[nodiscard]] std::size_t hash_of(const TransportAddress& address);

}  // namespace base

template <>
struct std::hash<base::IpAddress> {
  std::size_t operator()(const base::IpAddress& ip) const noexcept {
    return base::hash_of({ip, 0});
  }
};

template <>
struct std::hash<base::TransportAddress> {
  std::size_t operator()(const base::TransportAddress& address) const noexcept {
    return base::hash_of(address);
  }
};

template <>
struct std::hash<base::FiveTuple> {
  std::size_t operator()(const base::FiveTuple& tuple) const noexcept {
    // Clients differ in their own address; the server's side and the protocol have few values.
    return base::hash_of(tuple.client) ^ static_cast<std::size_t>(tuple.transport);
  }
};
