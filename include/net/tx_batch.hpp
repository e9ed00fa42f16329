// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "net/syscalls.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <netinet/in.h>
#include <sys/uio.h>

namespace net {

/// A destination in the kernel's form, made once for a peer or client and used for each datagram.
struct Destination {
  sockaddr_in6 address{};  ///< Or a sockaddr_in in its first bytes.
  socklen_t length = 0;
  std::optional<base::IpAddress>
      source;  ///< Send from this local address; set for sockets bound to a wildcard.

  Destination() = default;
  explicit Destination(const base::TransportAddress& to,
                       std::optional<base::IpAddress> from = std::nullopt);

  /// Whether both name the same address, port and source.
  [[nodiscard]] bool is_same(const Destination& other) const;
};

/// Datagrams to send, gathered and sent together: runs to one destination as one UDP_SEGMENT send,
/// runs on one socket by one sendmmsg. The bytes are not copied and must live until flush(). A
/// datagram that the kernel refuses is counted and forgotten; the others go.
class TxBatch {
 public:
  /// What flush() had to drop.
  struct Losses {
    std::uint64_t datagrams = 0;
  };

  explicit TxBatch(const Syscalls& syscalls);

  /// Whether another datagram fits. If not, flush first.
  [[nodiscard]] bool has_room() const;

  /// Appends a datagram of two parts; `head` may be empty, and is joined when it ends where `body`
  /// begins.
  void add(int fd, const Destination& to, base::Bytes head, base::Bytes body);

  [[nodiscard]] bool is_empty() const { return group_count_ == 0; }

  Losses flush();

 private:
  static constexpr unsigned kGroups = 64;
  static constexpr unsigned kIovs = 2048;
  static constexpr unsigned kSegmentsMax = 60;           // The kernel takes 64.
  static constexpr std::size_t kTrainBytesMax = 60'000;  // The kernel takes one IP packet's worth.

  /// One send: a datagram or a train of equally long ones, of which only the last may be shorter.
  struct Group {
    int fd = -1;
    Destination to;
    unsigned first_iov = 0;
    unsigned iov_count = 0;
    unsigned segments = 0;
    std::size_t segment_size = 0;
    std::size_t last_size = 0;
    std::size_t bytes = 0;
  };

  struct Control {
    alignas(cmsghdr) std::array<std::byte, 96> bytes;
  };

  [[nodiscard]] bool extends(const Group& group,
                             int fd,
                             const Destination& to,
                             std::size_t size) const;
  void prepare_header(unsigned index);
  unsigned send_run(unsigned first, unsigned end, Losses& losses);
  void send_group(unsigned index, Losses& losses);
  void send_one_by_one(const Group& group, Losses& losses);
  bool send_message(int fd, const msghdr& header);
  bool try_send(int fd, const msghdr& header);

  const Syscalls& syscalls_;
  unsigned group_count_ = 0;
  unsigned iov_count_ = 0;
  std::array<Group, kGroups> groups_{};
  std::array<mmsghdr, kGroups> headers_{};
  std::array<Control, kGroups> controls_{};
  std::array<iovec, kIovs> iovs_{};
};

}  // namespace net
