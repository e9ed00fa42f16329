// SPDX-License-Identifier: Apache-2.0
#include "net/rx_arena.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <cstring>

#include <netinet/udp.h>
#include <sys/mman.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace net {
namespace {

constexpr std::size_t kDatagramMax = 65535;
// Nearly every datagram fits the near part of its slot. Near parts stand side by side, so that a
// batch stays in the processor's caches; whatever is longer, a train mostly, runs on into the
// slot's far part.
constexpr std::size_t kNearSize = 2048;
constexpr std::size_t kNearStride = RxArena::kHeadroom + kNearSize + 64;
constexpr std::size_t kFarStride =
    ((RxArena::kHeadroom + kDatagramMax + RxArena::kTailroom + 63) / 64) * 64 + 832;
constexpr std::size_t kMemorySize = (kNearStride + kFarStride) * RxArena::kSlots;

}  // namespace

RxArena::RxArena() {
  void* const mapped = ::mmap(nullptr,
                              kMemorySize,
                              PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                              -1,
                              0);
  CHECK(mapped != MAP_FAILED);
  memory_ = static_cast<std::byte*>(mapped);
  for (unsigned slot = 0; slot < kSlots; ++slot) {
    iovs_[2 * slot] = {near_of(slot), kNearSize};
    iovs_[2 * slot + 1] = {far_of(slot) + kNearSize, kDatagramMax - kNearSize};
    msghdr& header = headers_[slot].msg_hdr;
    header.msg_name = &names_[slot];
    header.msg_iov = &iovs_[2 * slot];
    header.msg_iovlen = 2;
    header.msg_control = controls_[slot].bytes.data();
  }
}

RxArena::~RxArena() {
  ::munmap(memory_, kMemorySize);
}

std::byte* RxArena::near_of(unsigned slot) const {
  return memory_ + slot * kNearStride + kHeadroom;
}

std::byte* RxArena::far_of(unsigned slot) const {
  return memory_ + kSlots * kNearStride + slot * kFarStride + kHeadroom;
}

base::MutableBytes RxArena::bytes_of(unsigned slot, std::size_t size) const {
  if (size <= kNearSize) {
    return {near_of(slot), size};
  }
  // In one piece: the near part moves to its place in front of the far one.
  std::memcpy(far_of(slot), near_of(slot), kNearSize);
  return {far_of(slot), size};
}

void RxArena::prepare(unsigned slot) {
  // The kernel overwrites these with what it wrote.
  headers_[slot].msg_hdr.msg_namelen = sizeof(sockaddr_in6);
  headers_[slot].msg_hdr.msg_controllen = sizeof(Control);
}

int RxArena::receive_into(int fd, unsigned count, const Syscalls& syscalls) {
  if (count == 1) {
    const ssize_t size = syscalls.recvmsg(fd, &headers_[used_].msg_hdr, MSG_DONTWAIT);
    headers_[used_].msg_len = static_cast<unsigned>(size);
    return size < 0 ? 0 : 1;
  }
  return count == 0 ? 0 : syscalls.recvmmsg(fd, &headers_[used_], count, MSG_DONTWAIT, nullptr);
}

std::span<const Received> RxArena::receive(int fd, unsigned count_max, const Syscalls& syscalls) {
  const unsigned count = std::min(count_max, free_slots());
  for (unsigned slot = used_; slot < used_ + count; ++slot) {
    prepare(slot);
  }
  const int got = receive_into(fd, count, syscalls);
  if (got <= 0) {
    return {};
  }
  const unsigned first = used_;
  used_ += static_cast<unsigned>(got);
  for (unsigned slot = first; slot < used_; ++slot) {
    Received& received = received_[slot];
    const std::size_t size = headers_[slot].msg_len;
    received.from =
        base::TransportAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&names_[slot]))
            .value_or(base::TransportAddress{});
    received.bytes = bytes_of(slot, size);
    received.segment_size = size;
    received.to.reset();
    if (headers_[slot].msg_hdr.msg_controllen != 0) {
      read_control(slot, received);
    }
  }
  return std::span(received_).subspan(first, static_cast<std::size_t>(got));
}

void RxArena::read_control(unsigned slot, Received& received) const {
  msghdr header = headers_[slot].msg_hdr;
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
      int segment_size = 0;
      std::memcpy(&segment_size, CMSG_DATA(control), sizeof segment_size);
      if (segment_size > 0) {
        received.segment_size = static_cast<std::size_t>(segment_size);
      }
    } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      received.to = base::IpAddress::from_bytes(std::as_bytes(std::span(&info.ipi_addr, 1)));
    } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      received.to = base::IpAddress::from_bytes(std::as_bytes(std::span(&info.ipi6_addr, 1)));
    }
  }
}

}  // namespace net
