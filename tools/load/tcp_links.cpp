// SPDX-License-Identifier: Apache-2.0
#include "load/client_links.hpp"
#include "load/failure.hpp"
#include "stun/stream_framer.hpp"

#include <cerrno>
#include <system_error>

namespace load {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

class TcpLinks final : public ClientLinks {
 public:
  TcpLinks(const LinkOptions& options, Poller& poller) : poller_(poller), read_buffer_(kReadBytes) {
    connections_.resize(options.clients);
    for (std::uint32_t i = 0; i < options.clients; ++i) {
      connections_[i].socket = connect_tcp(options.server, options.connect_timeout);
      poller.add(connections_[i].socket.get(), {Side::Client, i});
    }
  }

  base::MutableBytes train(std::uint32_t client, std::size_t size, std::size_t count) override {
    Connection& connection = connections_[client];
    if (connection.is_blocked || connection.is_closed) {
      return {};
    }
    if (connection.output.empty()) {
      dirty_.push_back(client);
    }
    const std::size_t begin = connection.output.size();
    connection.output.resize(begin + size * count);
    return base::MutableBytes(connection.output).subspan(begin);
  }

  void flush() override {
    for (const std::uint32_t client : dirty_) {
      write(client);
    }
    dirty_.clear();
  }

  void renew(std::uint32_t client) final {
    connections_[client] = Connection{};
    connections_[client].socket = connect_tcp(options_.server, options_.connect_timeout);
    poller_.add(connections_[client].socket.get(), {Side::Client, client});
  }

  void on_ready(std::uint32_t index, ClientReceiver& receiver) override {
    Connection& connection = connections_[index];
    if (connection.is_blocked) {
      write(index);
    }
    const ssize_t count =
        ::recv(connection.socket.get(), read_buffer_.data(), read_buffer_.size(), 0);
    if (count <= 0) {
      if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(index,
              receiver,
              count == 0 ? "the server closed the connection"
                         : std::generic_category().message(errno));
      }
      return;
    }
    connection.framer.feed(base::Bytes(read_buffer_).first(static_cast<std::size_t>(count)));
    const std::int64_t time = now();
    for (;;) {
      const auto frame = connection.framer.next();
      if (!frame) {
        close(index, receiver, "the server sent what is neither STUN nor ChannelData");
        return;
      }
      if (!*frame) {
        return;
      }
      receiver.on_frame(index, **frame, time);
    }
  }

  [[nodiscard]] std::uint64_t drops() const override { return 0; }

  [[nodiscard]] std::uint64_t refused() const override { return 0; }

 private:
  struct Connection {
    Descriptor socket;
    stun::StreamFramer framer;
    std::vector<std::byte> output;  // From output_done on not yet written.
    std::size_t output_done = 0;
    bool is_blocked = false;
    bool is_closed = false;
  };

  void write(std::uint32_t client) {
    Connection& connection = connections_[client];
    const base::Bytes rest = base::Bytes(connection.output).subspan(connection.output_done);
    const ssize_t written = ::send(connection.socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (written < 0 && errno != EAGAIN && errno != EINTR) {
      // Reading tells the same and says it to the receiver.
      connection.output_done = connection.output.size();
    } else if (written > 0) {
      connection.output_done += static_cast<std::size_t>(written);
    }
    const bool is_blocked = connection.output_done < connection.output.size();
    if (!is_blocked) {
      connection.output.clear();
      connection.output_done = 0;
    }
    if (is_blocked != connection.is_blocked) {
      connection.is_blocked = is_blocked;
      poller_.change(connection.socket.get(),
                     {Side::Client, client},
                     is_blocked ? Poller::Interest::ReadAndWrite : Poller::Interest::Read);
    }
  }

  void close(std::uint32_t client, ClientReceiver& receiver, const std::string& why) {
    connections_[client].is_closed = true;
    connections_[client].socket = Descriptor();
    receiver.on_broken(client, why);
  }

  LinkOptions options_;
  Poller& poller_;
  std::vector<Connection> connections_;
  std::vector<std::uint32_t> dirty_;  // With output since the last flush.
  std::vector<std::byte> read_buffer_;
};

}  // namespace

std::unique_ptr<ClientLinks> make_tcp_links(const LinkOptions& options, Poller& poller) {
  return std::make_unique<TcpLinks>(options, poller);
}

}  // namespace load
