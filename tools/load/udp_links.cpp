// SPDX-License-Identifier: Apache-2.0
#include "load/client_links.hpp"
#include "load/failure.hpp"

#include <cerrno>
#include <system_error>

namespace load {
namespace {

// Sources of a shared socket: 127.16.0.0 and on.
constexpr std::uint32_t kFirstSource = 0x7F100000;
constexpr std::uint32_t kSourcesMax = 0x00E00000;

base::IpAddress unspecified_like(const base::IpAddress& ip) {
  return ip.is_ipv4() ? base::IpAddress() : *base::IpAddress::parse("::");
}

class UdpLinks final : public ClientLinks {
 public:
  UdpLinks(const LinkOptions& options, Poller& poller)
      : options_(options), poller_(poller), sockets_(options.clients) {
    for (std::uint32_t i = 0; i < options.clients; ++i) {
      renew(i);
    }
  }

  base::MutableBytes train(std::uint32_t client, std::size_t size, std::size_t count) override {
    TxBatch::Target target;
    target.fd = sockets_[client].get();
    return tx_.add(target, size, count);
  }

  void flush() override { tx_.flush(); }

  void renew(std::uint32_t client) final {
    // The old socket stays open until the new one is bound, so that it does not get the same port.
    tx_.flush();
    Descriptor socket = open_udp({unspecified_like(options_.server.ip), 0}, options_.gro);
    connect_udp(socket.get(), options_.server);
    poller_.add(socket.get(), {Side::Client, client});
    sockets_[client] = std::move(socket);
  }

  void on_ready(std::uint32_t index, ClientReceiver& receiver) override {
    const int count = rx_.receive(sockets_[index].get());
    if (count < 0) {
      receiver.on_broken(index, std::generic_category().message(-count));
      return;
    }
    const std::int64_t time = now();
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      for_each_datagram(rx_.buffer(i),
                        [&](base::Bytes datagram) { receiver.on_frame(index, datagram, time); });
    }
  }

  [[nodiscard]] std::uint64_t drops() const override {
    std::uint64_t sum = 0;
    for (const Descriptor& socket : sockets_) {
      sum += drops_of(socket.get());
    }
    return sum;
  }

  [[nodiscard]] std::uint64_t refused() const override { return tx_.refused(); }

 private:
  LinkOptions options_;
  Poller& poller_;
  std::vector<Descriptor> sockets_;
  RxBatch rx_;
  TxBatch tx_;
};

class SharedUdpLinks final : public ClientLinks {
 public:
  SharedUdpLinks(const LinkOptions& options, Poller& poller)
      : server_(options.server),
        sources_(options.clients),
        socket_(open_udp({base::IpAddress(), 0}, options.gro)) {
    for (std::uint32_t i = 0; i < options.clients; ++i) {
      sources_[i] = kFirstSource + i;
    }
    tell_destination(socket_.get());
    poller.add(socket_.get(), {Side::Client, 0});
  }

  base::MutableBytes train(std::uint32_t client, std::size_t size, std::size_t count) override {
    return tx_.add({socket_.get(), server_.get(), server_.size, sources_[client]}, size, count);
  }

  void flush() override { tx_.flush(); }

  void renew(std::uint32_t client) final {
    // Addresses a multiple of the clients' number apart belong to one client, so that no table is
    // needed.
    const auto clients = static_cast<std::uint32_t>(sources_.size());
    const std::uint32_t next = sources_[client] + clients;
    sources_[client] = next < kFirstSource + kSourcesMax ? next : kFirstSource + client;
  }

  void on_ready(std::uint32_t /*index*/, ClientReceiver& receiver) override {
    const int count = rx_.receive(socket_.get());
    const std::int64_t time = now();
    for (int i = 0; i < count; ++i) {
      const RxBatch::Buffer buffer = rx_.buffer(static_cast<std::size_t>(i));
      const auto clients = static_cast<std::uint32_t>(sources_.size());
      const std::uint32_t client = (buffer.destination_ipv4 - kFirstSource) % clients;
      if (sources_[client] == buffer.destination_ipv4) {
        for_each_datagram(buffer,
                          [&](base::Bytes datagram) { receiver.on_frame(client, datagram, time); });
      }
    }
  }

  [[nodiscard]] std::uint64_t drops() const override { return drops_of(socket_.get()); }

  [[nodiscard]] std::uint64_t refused() const override { return tx_.refused(); }

 private:
  SocketAddress server_;
  std::vector<std::uint32_t> sources_;  // IPv4 addresses in host order.
  Descriptor socket_;
  RxBatch rx_;
  TxBatch tx_;
};

}  // namespace

std::unique_ptr<ClientLinks> make_udp_links(const LinkOptions& options, Poller& poller) {
  return std::make_unique<UdpLinks>(options, poller);
}

std::unique_ptr<ClientLinks> make_shared_udp_links(const LinkOptions& options, Poller& poller) {
  const base::IpAddress& ip = options.server.ip;
  if (!ip.is_ipv4() || std::to_integer<unsigned>(ip.bytes()[0]) != 127) {
    throw Failure(
        "Clients can share a socket only towards a server on IPv4 loopback (127.0.0.0/8), not " +
        options.server.to_string());
  }
  if (options.clients > kSourcesMax) {
    throw Failure("127.0.0.0/8 has no more than " + std::to_string(kSourcesMax) +
                  " addresses to spare");
  }
  return std::make_unique<SharedUdpLinks>(options, poller);
}

}  // namespace load
