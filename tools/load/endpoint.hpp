// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "load/descriptor.hpp"

#include <sys/socket.h>

namespace load {

/// A transport address in the form that system calls take, made once.
struct SocketAddress {
  SocketAddress() = default;

  explicit SocketAddress(const base::TransportAddress& address)
      : size(address.to_sockaddr(storage)) {}

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }

  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// Whether several datagrams of one sender may arrive glued together.
enum class Gro : std::uint8_t { Off, On };

/// A non-blocking UDP socket bound to `local`, with a receive buffer large enough that losses are
/// the server's.
[[nodiscard]] Descriptor open_udp(const base::TransportAddress& local, Gro gro);

/// A TCP connection to `server`, non-blocking once it stands. `timeout` in nanoseconds.
[[nodiscard]] Descriptor connect_tcp(const base::TransportAddress& server, std::int64_t timeout);

void connect_udp(int fd, const base::TransportAddress& server);

/// Asks the kernel to tell of each datagram which of our addresses it came to (IPv4).
void tell_destination(int fd);

[[nodiscard]] base::TransportAddress local_address(int fd);

/// Datagrams that the kernel dropped because this socket's receive buffer was full.
[[nodiscard]] std::uint64_t drops_of(int fd);

/// Lets this process open `count` descriptors and a few more. Failure when the system does not
/// allow as many.
void allow_descriptors(std::size_t count);

/// The first address of a HOST:PORT, [IPV6]:PORT or HOST (then `default_port`). Failure when there
/// is none.
[[nodiscard]] base::TransportAddress resolve(const std::string& text, std::uint16_t default_port);

}  // namespace load
