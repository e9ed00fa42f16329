// SPDX-License-Identifier: Apache-2.0
#include "stun/stream_framer.hpp"

#include "stun/channel_data.hpp"
#include "stun/types.hpp"

#include <algorithm>

namespace stun {
namespace {

constexpr std::size_t kLengthFieldEnd =
    4;  // Both kinds of frame tell their length in bytes 2 and 3.

}  // namespace

void StreamFramer::feed(base::Bytes chunk) {
  chunk_ = chunk;
}

base::Result<StreamFramer::FrameSize, StreamFramer::Error> StreamFramer::size_from(
    base::Bytes head) {
  const std::uint16_t first = base::load_u16(head.data());
  // 32-bit sums: a length near 0xFFFF must not wrap (CVE-2026-68552 was that).
  const std::size_t length = base::load_u16(head.data() + 2);
  if (first < 0x4000U) {
    if (length % 4 != 0) {
      return base::failure(Error::NotOurs);
    }
    return FrameSize{kHeaderSize + length, kHeaderSize + length};
  }
  if (first <= kChannelNumberMax.value()) {
    return FrameSize{kChannelDataHeaderSize + length, kChannelDataHeaderSize + padded(length)};
  }
  return base::failure(Error::NotOurs);
}

base::Result<std::optional<base::Bytes>, StreamFramer::Error> StreamFramer::checked(
    std::optional<base::Bytes> frame) {
  // A stream without the cookie is out of step or another protocol's: its next "length" is
  // anything.
  if (frame && base::load_u16(frame->data()) < 0x4000U &&
      base::load_u32(frame->data() + 4) != kMagicCookie) {
    is_lost_ = true;
    return base::failure(Error::NotOurs);
  }
  return frame;
}

base::Result<std::optional<base::Bytes>, StreamFramer::Error> StreamFramer::next() {
  if (is_lost_) {
    return base::failure(Error::NotOurs);
  }
  if (held_done_ != 0) {
    held_.clear();
    held_done_ = 0;
  }
  if (!held_.empty()) {
    // Complete the length field first, then the frame.
    if (held_.size() < kLengthFieldEnd) {
      const std::size_t count = std::min(kLengthFieldEnd - held_.size(), chunk_.size());
      held_.insert(
          held_.end(), chunk_.begin(), chunk_.begin() + static_cast<std::ptrdiff_t>(count));
      chunk_ = chunk_.subspan(count);
      if (held_.size() < kLengthFieldEnd) {
        return std::optional<base::Bytes>();
      }
    }
    const auto size = size_from(held_);
    if (!size) {
      return base::failure(size.error());
    }
    return checked(take(*size));
  }
  if (chunk_.size() < kLengthFieldEnd) {
    held_.assign(chunk_.begin(), chunk_.end());
    chunk_ = {};
    return std::optional<base::Bytes>();
  }
  const auto size = size_from(chunk_);
  if (!size) {
    return base::failure(size.error());
  }
  return checked(take(*size));
}

std::optional<base::Bytes> StreamFramer::take(const FrameSize& size) {
  if (held_.empty() && chunk_.size() >= size.stream) {
    const base::Bytes frame = chunk_.first(size.frame);
    chunk_ = chunk_.subspan(size.stream);
    return frame;
  }
  const std::size_t count = std::min(size.stream - held_.size(), chunk_.size());
  held_.insert(held_.end(), chunk_.begin(), chunk_.begin() + static_cast<std::ptrdiff_t>(count));
  chunk_ = chunk_.subspan(count);
  if (held_.size() < size.stream) {
    return std::nullopt;
  }
  held_done_ = size.stream;
  return base::Bytes(held_).first(size.frame);
}

}  // namespace stun
