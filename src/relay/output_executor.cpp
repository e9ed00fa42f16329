// SPDX-License-Identifier: Apache-2.0
#include "relay/output_executor.hpp"

#include "base/check.hpp"
#include "net/udp_socket.hpp"

namespace relay {

void OutputExecutor::set_client(const base::FiveTuple& five_tuple, const ClientPath& path) {
  client_ = five_tuple;
  path_ = path;
}

void OutputExecutor::send_to_client(const base::FiveTuple& to, base::Bytes message) {
  CHECK(to == client_);
  forwarder_->message(path_, message);
}

std::error_code OutputExecutor::open_relay(turn::RelayId relay,
                                           const base::TransportAddress& local) {
  auto fd = net::open_udp(local, net::UdpRole::Relay, syscalls_);
  if (!fd) {
    return fd.error();
  }
  sockets_.add(std::make_unique<RelaySocket>(loop_, std::move(*fd), relay, path_, *owner_));
  return {};
}

void OutputExecutor::close_relay(turn::RelayId relay) {
  // What is gathered for this socket leaves first: its descriptor's number may be another's in the
  // same turn.
  forwarder_->send_all();
  sockets_.remove(relay);
}

bool OutputExecutor::can_bind(const base::TransportAddress& local) {
  return net::open_udp(local, net::UdpRole::Relay, syscalls_).has_value();
}

}  // namespace relay
