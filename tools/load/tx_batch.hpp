// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "load/endpoint.hpp"

#include <array>
#include <vector>

#include <sys/socket.h>

namespace load {

/// Gathers datagrams and sends up to 64 of one socket in one call. A train leaves as one
/// UDP_SEGMENT send.
class TxBatch {
 public:
  static constexpr std::size_t kSlots = 64;
  /// What one UDP_SEGMENT send may hold.
  static constexpr std::size_t kTrainBytesMax = 65'000;
  static constexpr std::size_t kTrainLengthMax = 64;

  struct Target {
    int fd = -1;
    const sockaddr* to = nullptr;  ///< Read at once; null on a connected socket.
    socklen_t to_size = 0;
    std::uint32_t source_ipv4 = 0;  ///< Host order; 0 leaves the choice to the kernel.
  };

  TxBatch();

  /// Room for `count` datagrams of `size` bytes each to one target, for the caller to fill before
  /// the next call. Sends what has gathered when there is no room left. size x count is at most
  /// kTrainBytesMax.
  [[nodiscard]] base::MutableBytes add(const Target& target, std::size_t size, std::size_t count);

  /// Copies one datagram in; it joins the train before it when that goes to the same place with the
  /// same size and has fewer than `train_max` datagrams.
  void add_copy(const Target& target, base::Bytes datagram, std::size_t train_max);

  void flush();

  /// Datagrams that the kernel did not take, and its last reason.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

  [[nodiscard]] int last_error() const { return last_error_; }

 private:
  static constexpr std::size_t kSlotBytes = 65'536;

  struct Slot {
    sockaddr_storage to;
    iovec vector;
    std::size_t size;  // Of one datagram.
    std::size_t count;
    std::uint32_t source_ipv4;
    int fd;
    alignas(cmsghdr) std::array<std::byte, 64> control;
  };

  void write_control(std::size_t index);
  void send_run(std::size_t begin, std::size_t end);

  std::vector<std::byte> bytes_;
  std::array<Slot, kSlots> slots_{};
  std::array<mmsghdr, kSlots> messages_{};
  std::size_t used_ = 0;
  std::uint64_t refused_ = 0;
  int last_error_ = 0;
};

}  // namespace load
