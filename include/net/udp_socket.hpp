// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "net/fd.hpp"
#include "net/syscalls.hpp"

#include <optional>
#include <system_error>

namespace net {

/// What a UDP socket is for; decides its options.
enum class UdpRole : std::uint8_t {
  Listener,  ///< Shared between workers by SO_REUSEPORT; tells the local address when bound to a
             ///< wildcard.
  Relay,     ///< One relayed transport address; keeps ICMP errors to read.
};

/// Opens, sets up and binds a non-blocking UDP socket. Errors: those of socket(2), bind(2),
/// setsockopt(2).
[[nodiscard]] base::Result<Fd, std::error_code> open_udp(const base::TransportAddress& local,
                                                         UdpRole role,
                                                         const Syscalls& syscalls);

/// Opens, binds and listens with a TCP socket that shares its port between workers.
[[nodiscard]] base::Result<Fd, std::error_code> open_tcp_listener(
    const base::TransportAddress& local, const Syscalls& syscalls);

/// Why this address cannot be bound to alone. SO_REUSEPORT would let a listener join the sockets of
/// another process of the same user, and share its clients with it.
[[nodiscard]] std::error_code find_other_owner(const base::TransportAddress& local,
                                               base::Transport transport,
                                               const Syscalls& syscalls);

/// The address a socket is bound to.
[[nodiscard]] base::TransportAddress local_address(int fd);

/// Sets or clears DF on what the socket sends from now on: RFC 8656 §14.
void set_dont_fragment(int fd, base::Family family, bool dont_fragment);

/// An ICMP error that the kernel kept for a socket.
struct SocketError {
  base::TransportAddress destination;  ///< Of the datagram that drew the error.
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t info = 0;  ///< The MTU, for "too big".
  bool is_icmp = false;    ///< From the network; else a local refusal.
};

/// Takes one error from the socket's queue; nothing once it is empty, and then its pending error is
/// cleared too.
[[nodiscard]] std::optional<SocketError> take_socket_error(int fd);

}  // namespace net
