// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "net/syscalls.hpp"

#include <array>
#include <memory>
#include <optional>
#include <span>

#include <netinet/in.h>

namespace net {

/// What one slot of a receive call brought: a datagram, or a train of datagrams of one sender that
/// the kernel joined (UDP_GRO), each `segment_size` long but the last.
struct Received {
  base::TransportAddress from;
  std::optional<base::IpAddress>
      to;  ///< The local address it was sent to, when the socket is bound to a wildcard.
  base::MutableBytes bytes;  ///< With kHeadroom writable bytes in front and kTailroom behind.
  std::size_t segment_size = 0;
};

/// Where datagrams are received, without a copy from here to the send: slots live until clear(),
/// which whoever sends from them calls once it has sent. One per worker; the address space is
/// reserved, pages are touched as needed.
class RxArena {
 public:
  /// For a ChannelData header, or a Data indication's with an IPv6 peer: RFC 8656 §12.4, §11.3.
  static constexpr std::size_t kHeadroom = 64;
  /// For the padding of a DATA attribute.
  static constexpr std::size_t kTailroom = 4;
  static constexpr unsigned kSlots = 64;

  RxArena();
  RxArena(const RxArena&) = delete;
  RxArena& operator=(const RxArena&) = delete;
  RxArena(RxArena&&) = delete;
  RxArena& operator=(RxArena&&) = delete;
  ~RxArena();

  [[nodiscard]] unsigned free_slots() const { return kSlots - used_; }

  /// Receives up to `count_max` datagrams or trains, as many as there are slots. Empty when there
  /// is nothing to read or the socket has an error pending.
  [[nodiscard]] std::span<const Received> receive(int fd,
                                                  unsigned count_max,
                                                  const Syscalls& syscalls);

  void clear() { used_ = 0; }

 private:
  struct Control {
    alignas(cmsghdr) std::array<std::byte, 96> bytes;
  };

  void prepare(unsigned slot);
  int receive_into(int fd, unsigned count, const Syscalls& syscalls);
  void read_control(unsigned slot, Received& received) const;
  [[nodiscard]] std::byte* near_of(unsigned slot) const;
  [[nodiscard]] std::byte* far_of(unsigned slot) const;
  [[nodiscard]] base::MutableBytes bytes_of(unsigned slot, std::size_t size) const;

  std::byte* memory_ = nullptr;
  unsigned used_ = 0;
  std::array<mmsghdr, kSlots> headers_{};
  std::array<iovec, 2 * kSlots> iovs_{};
  std::array<sockaddr_in6, kSlots> names_{};
  std::array<Control, kSlots> controls_{};
  std::array<Received, kSlots> received_{};
};

}  // namespace net
