// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"

#include <array>
#include <vector>

#include <sys/socket.h>

namespace load {

/// Reads up to 64 buffers of datagrams from a UDP socket in one call.
class RxBatch {
 public:
  static constexpr std::size_t kSlots = 64;

  /// One buffer: a datagram, or several of one sender glued together by UDP_GRO, `segment` bytes
  /// each, the last one perhaps shorter.
  struct Buffer {
    base::Bytes data;
    std::size_t segment = 0;
    const sockaddr* source = nullptr;
    std::uint32_t destination_ipv4 = 0;  ///< Host order; 0 unless tell_destination() asked for it.
  };

  RxBatch();

  /// How many buffers came: 0 when none is waiting, -errno when the socket reports an error.
  [[nodiscard]] int receive(int fd);
  [[nodiscard]] Buffer buffer(std::size_t index);

 private:
  static constexpr std::size_t kSlotBytes = 65536;

  struct Slot {
    sockaddr_storage source;
    iovec vector;
    alignas(cmsghdr) std::array<std::byte, 64> control;
  };

  std::vector<std::byte> bytes_;
  std::array<Slot, kSlots> slots_{};
  std::array<mmsghdr, kSlots> messages_{};
  std::size_t used_ = kSlots;  // Messages whose sizes the kernel may have changed.
};

/// Calls `visit(Bytes)` for each datagram of a buffer.
template <typename Visit>
void for_each_datagram(const RxBatch::Buffer& buffer, Visit&& visit) {
  base::Bytes rest = buffer.data;
  do {
    const std::size_t size = rest.size() < buffer.segment ? rest.size() : buffer.segment;
    visit(rest.first(size));
    rest = rest.subspan(size);
  } while (!rest.empty());
}

}  // namespace load
