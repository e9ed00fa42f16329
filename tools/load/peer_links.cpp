// SPDX-License-Identifier: Apache-2.0
#include "load/peer_links.hpp"

#include <netinet/in.h>

namespace load {
namespace {

// RFC 8656 §7.2: relayed ports are to come from 49152 to 65535. A server may take all of them at
// its own address for relayed ones, so peers that share that address stay below.
constexpr std::uint16_t kRelayedPortMin = 49152;
constexpr int kAttempts = 64;

Descriptor open_peer(const base::IpAddress& ip, Gro gro) {
  Descriptor socket = open_udp({ip, 0}, gro);
  for (int i = 0; i < kAttempts && local_address(socket.get()).port >= kRelayedPortMin; ++i) {
    socket = open_udp({ip, 0}, gro);
  }
  return socket;
}

}  // namespace

PeerLinks::PeerLinks(const base::IpAddress& ip, std::uint32_t count, Gro gro, Poller& poller) {
  for (std::uint32_t i = 0; i < count; ++i) {
    sockets_.push_back(open_peer(ip, gro));
    addresses_.push_back(local_address(sockets_.back().get()));
    poller.add(sockets_.back().get(), {Side::Peer, i});
  }
}

base::MutableBytes PeerLinks::train(std::uint32_t client,
                                    const SocketAddress& relayed,
                                    std::size_t size,
                                    std::size_t count) {
  return tx_.add({sockets_[socket_of(client)].get(), relayed.get(), relayed.size, 0}, size, count);
}

void PeerLinks::reflect(std::uint32_t socket,
                        const sockaddr* to,
                        base::Bytes datagram,
                        std::size_t train_max) {
  const socklen_t size = to->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  tx_.add_copy({sockets_[socket].get(), to, size, 0}, datagram, train_max);
}

void PeerLinks::on_ready(std::uint32_t socket, PeerReceiver* receiver) {
  // An ICMP error towards one relayed address says nothing about the others.
  const int count = rx_.receive(sockets_[socket].get());
  const std::int64_t time = now();
  for (int i = 0; i < count && receiver != nullptr; ++i) {
    receiver->on_relayed(socket, rx_.buffer(static_cast<std::size_t>(i)), time);
  }
}

std::uint64_t PeerLinks::drops() const {
  std::uint64_t sum = 0;
  for (const Descriptor& socket : sockets_) {
    sum += drops_of(socket.get());
  }
  return sum;
}

}  // namespace load
