// SPDX-License-Identifier: Apache-2.0
#include "support/loopback.hpp"

#include "base/check.hpp"
#include "net/udp_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

namespace support {
namespace {

using base::TransportAddress;

// All that is waited for takes milliseconds: when this has passed, it will not come.
constexpr std::chrono::seconds kDeadline{60};
constexpr int kTickMilliseconds = 5;

class Deadline {
 public:
  [[nodiscard]] bool has_passed() const {
    return net::read_clocks().monotonic - began_ > kDeadline;
  }

 private:
  base::Instant began_ = net::read_clocks().monotonic;
};

class SockAddress {
 public:
  explicit SockAddress(const TransportAddress& address) : size_(address.to_sockaddr(storage_)) {}

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage_); }

  [[nodiscard]] socklen_t size() const { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_;
};

int family_of(const TransportAddress& address) {
  return address.ip.is_ipv4() ? AF_INET : AF_INET6;
}

}  // namespace

TransportAddress at(std::string_view text) {
  const auto parsed = TransportAddress::parse(text);
  CHECK(parsed.has_value());
  return *parsed;
}

void run_once(net::Loop& loop) {
  uv_run(loop.get(), UV_RUN_NOWAIT);
}

bool run_until(net::Loop& loop, const std::function<bool()>& holds) {
  const Deadline deadline;
  run_once(loop);
  while (!holds()) {
    if (deadline.has_passed()) {
      return false;
    }
    pollfd events{uv_backend_fd(loop.get()), POLLIN, 0};
    static_cast<void>(::poll(&events, 1, kTickMilliseconds));
    run_once(loop);
  }
  return true;
}

bool wait_until(const std::function<bool()>& holds) {
  const Deadline deadline;
  while (!holds()) {
    if (deadline.has_passed()) {
      return false;
    }
    static_cast<void>(::poll(nullptr, 0, 1));
  }
  return true;
}

std::size_t open_descriptors() {
  // The folder's own descriptor is always among them.
  const std::filesystem::directory_iterator folder("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
}

UdpEnd::UdpEnd(std::string_view ip) {
  const TransportAddress wanted{*base::IpAddress::parse(ip), 0};
  fd_ = net::Fd(::socket(family_of(wanted), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  SockAddress address(wanted);
  CHECK(::bind(fd_.get(), address.get(), address.size()) == 0);
  constexpr int kBufferSize = 4 * 1024 * 1024;
  CHECK(::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &kBufferSize, sizeof kBufferSize) == 0);
  address_ = net::local_address(fd_.get());
}

void UdpEnd::send(const TransportAddress& to, base::Bytes bytes) const {
  SockAddress address(to);
  CHECK(::sendto(fd_.get(), bytes.data(), bytes.size(), 0, address.get(), address.size()) >= 0);
}

void UdpEnd::send(const TransportAddress& to, std::string_view text) const {
  send(to, base::bytes_of(text));
}

void UdpEnd::send_train(const TransportAddress& to,
                        base::Bytes bytes,
                        std::uint16_t segment_size) const {
  SockAddress address(to);
  iovec iov{const_cast<std::byte*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof segment_size)> control{};
  msghdr header{};
  header.msg_name = address.get();
  header.msg_namelen = address.size();
  header.msg_iov = &iov;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* const first = CMSG_FIRSTHDR(&header);
  first->cmsg_level = SOL_UDP;
  first->cmsg_type = UDP_SEGMENT;
  first->cmsg_len = CMSG_LEN(sizeof segment_size);
  std::memcpy(CMSG_DATA(first), &segment_size, sizeof segment_size);
  CHECK(::sendmsg(fd_.get(), &header, 0) == static_cast<ssize_t>(bytes.size()));
}

std::optional<Datagram> UdpEnd::take() const {
  std::vector<std::byte> buffer(65536);
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const ssize_t count = ::recvfrom(
      fd_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
  if (count < 0) {
    CHECK(errno == EAGAIN);
    return std::nullopt;
  }
  buffer.resize(static_cast<std::size_t>(count));
  return Datagram{*TransportAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&from)),
                  std::move(buffer)};
}

std::optional<Datagram> UdpEnd::wait() const {
  const Deadline deadline;
  std::optional<Datagram> taken = take();
  while (!taken && !deadline.has_passed()) {
    pollfd events{fd_.get(), POLLIN, 0};
    static_cast<void>(::poll(&events, 1, kTickMilliseconds));
    taken = take();
  }
  return taken;
}

std::string UdpEnd::wait_text() const {
  const auto taken = wait();
  return taken ? std::string(base::text_of(taken->bytes)) : "nothing";
}

TransportAddress closed_port(std::string_view ip) {
  return UdpEnd(ip).address();
}

TcpEnd::TcpEnd(const TransportAddress& to, int receive_buffer) {
  fd_ = net::Fd(::socket(family_of(to), SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(receive_buffer == 0 ||
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer) ==
            0);
  SockAddress address(to);
  CHECK(::connect(fd_.get(), address.get(), address.size()) == 0);
  address_ = net::local_address(fd_.get());
}

void TcpEnd::send(base::Bytes bytes) const {
  CHECK(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(bytes.size()));
}

void TcpEnd::send(std::string_view text) const {
  send(base::bytes_of(text));
}

void TcpEnd::read_some(std::size_t size_max) {
  const std::size_t before = received_.size();
  received_.resize(before + size_max);
  const ssize_t count = ::recv(fd_.get(), received_.data() + before, size_max, MSG_DONTWAIT);
  received_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  is_closed_ = is_closed_ || count == 0 || (count < 0 && errno != EAGAIN);
}

std::string TcpEnd::received_text() const {
  return std::string(base::text_of(received_));
}

void TcpEnd::shut_down() const {
  CHECK(::shutdown(fd_.get(), SHUT_WR) == 0);
}

void TcpEnd::reset() {
  constexpr linger kReset{1, 0};
  CHECK(::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &kReset, sizeof kReset) == 0);
  fd_ = net::Fd();
}

std::vector<std::byte> pattern(std::size_t size, unsigned seed) {
  std::vector<std::byte> bytes(size);
  std::uint32_t state = seed * 2654435761U + 12345U;
  for (std::byte& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::byte>(state >> 24U);
  }
  return bytes;
}

}  // namespace support
