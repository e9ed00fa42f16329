// SPDX-License-Identifier: Apache-2.0
#include "relay/udp_listener.hpp"

#include "net/udp_socket.hpp"

namespace relay {

UdpListener::UdpListener(net::Loop& loop,
                         net::Fd fd,
                         const net::Syscalls& syscalls,
                         OnReadable on_readable)
    : fd_(std::move(fd)),
      address_(net::local_address(fd_.get())),
      is_wildcard_(address_.ip.is_unspecified()),
      on_readable_(std::move(on_readable)),
      tx_(std::make_unique<net::TxBatch>(syscalls)),
      poll_(loop, fd_.get(), *this) {}

void UdpListener::on_socket_error() {
  // Nothing that happens to one client's datagram concerns the socket of all of them.
  while (net::take_socket_error(fd_.get())) {
  }
}

}  // namespace relay
