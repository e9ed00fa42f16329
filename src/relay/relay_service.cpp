// SPDX-License-Identifier: Apache-2.0
#include "relay/relay_service.hpp"

#include "base/check.hpp"
#include "crypto/secure_random.hpp"
#include "net/udp_socket.hpp"

namespace relay {
namespace {

base::SipKey random_sip_key() {
  crypto::SecureRandom random;
  base::SipKey key;
  random.fill(std::as_writable_bytes(std::span(&key.low, 1)));
  random.fill(std::as_writable_bytes(std::span(&key.high, 1)));
  return key;
}

auth::NonceMint::Key random_nonce_key() {
  crypto::SecureRandom random;
  auth::NonceMint::Key key{};
  random.fill(key);
  return key;
}

/// The first listening address that somebody else holds. Before any of ours is open: they share
/// their ports.
std::optional<BindFailure> find_other_owner(const RelayService::Setup& setup) {
  for (const base::Transport transport : {base::Transport::Udp, base::Transport::Tcp}) {
    for (const base::TransportAddress& address :
         transport == base::Transport::Udp ? setup.listen_udp : setup.listen_tcp) {
      if (const auto error = net::find_other_owner(address, transport, net::real_syscalls())) {
        return BindFailure{transport, address, error};
      }
    }
  }
  return std::nullopt;
}

/// The sockets of one listening address, one for each worker, all on the same port.
base::Result<std::vector<net::Fd>, std::error_code> open_for_all(base::TransportAddress address,
                                                                 base::Transport transport,
                                                                 unsigned workers) {
  std::vector<net::Fd> fds;
  for (unsigned i = 0; i < workers; ++i) {
    auto fd = transport == base::Transport::Udp
                  ? net::open_udp(address, net::UdpRole::Listener, net::real_syscalls())
                  : net::open_tcp_listener(address, net::real_syscalls());
    if (!fd) {
      return base::failure(fd.error());
    }
    address.port = net::local_address(fd->get()).port;
    fds.push_back(std::move(*fd));
  }
  return fds;
}

}  // namespace

RelayService::RelayService(const Setup& setup)
    : ports_(setup.relay_addresses, setup.relay_ports),
      budget_(random_sip_key()),
      nonces_(random_nonce_key()) {}

RelayService::~RelayService() {
  stop();
}

base::Result<std::unique_ptr<RelayService>, BindFailure> RelayService::open(
    const Setup& setup, turn::QuotaGate& quota, turn::AuditSink& audit) {
  CHECK(setup.workers >= 1 && setup.workers <= 126);
  std::unique_ptr<RelayService> service(new RelayService(setup));
  if (const auto failure = find_other_owner(setup)) {
    return base::failure(*failure);
  }
  std::vector<std::vector<net::Fd>> udp(setup.workers);
  std::vector<std::vector<net::Fd>> tcp(setup.workers);
  for (const base::Transport transport : {base::Transport::Udp, base::Transport::Tcp}) {
    const bool is_udp = transport == base::Transport::Udp;
    for (const base::TransportAddress& address : is_udp ? setup.listen_udp : setup.listen_tcp) {
      auto fds = open_for_all(address, transport, setup.workers);
      if (!fds) {
        return base::failure(BindFailure{transport, address, fds.error()});
      }
      service->bound_.push_back({transport, net::local_address(fds->front().get())});
      for (unsigned i = 0; i < setup.workers; ++i) {
        (is_udp ? udp : tcp)[i].push_back(std::move((*fds)[i]));
      }
    }
  }
  for (unsigned i = 0; i < setup.workers; ++i) {
    service->workers_.push_back(std::make_unique<Worker>(
        Worker::Setup{static_cast<turn::WorkerIndex>(i),
                      std::move(udp[i]),
                      std::move(tcp[i]),
                      setup.snapshot,
                      {service->ports_, service->budget_, quota, audit, service->nonces_},
                      setup.coalesce,
                      *service}));
  }
  return service;
}

void RelayService::start() {
  for (const auto& worker : workers_) {
    worker->start();
  }
}

void RelayService::apply(const std::shared_ptr<const turn::Snapshot>& snapshot,
                         base::Duration coalesce) {
  for (const auto& worker : workers_) {
    worker->post_snapshot(snapshot, coalesce);
  }
}

void RelayService::stop() {
  // All are told before any is gone: while one ends its allocations another may still hand it
  // datagrams.
  for (const auto& worker : workers_) {
    worker->post_stop();
  }
  for (const auto& worker : workers_) {
    worker->join();
  }
  workers_.clear();
}

bool RelayService::hand_over(turn::WorkerIndex to, RelayedBatch batch) {
  return to < workers_.size() && workers_[to]->post_batch(std::move(batch));
}

}  // namespace relay
