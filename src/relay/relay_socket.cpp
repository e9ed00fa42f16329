// SPDX-License-Identifier: Apache-2.0
#include "relay/relay_socket.hpp"

#include "base/check.hpp"

namespace relay {

void RelaySockets::add(std::unique_ptr<RelaySocket> socket) {
  const turn::RelayId id = socket->id();
  if (id.allocation.index >= sockets_.size()) {
    sockets_.resize(id.allocation.index + 1);
  }
  auto& place = sockets_[id.allocation.index][turn::index_of(id.family)];
  CHECK(place == nullptr);
  place = std::move(socket);
}

void RelaySockets::remove(turn::RelayId id) {
  CHECK(find(id) != nullptr);
  sockets_[id.allocation.index][turn::index_of(id.family)].reset();
}

}  // namespace relay
