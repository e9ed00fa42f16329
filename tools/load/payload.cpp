// SPDX-License-Identifier: Apache-2.0
#include "load/payload.hpp"

#include "base/check.hpp"

#include <bit>
#include <cstring>

namespace load {
namespace {

static_assert(sizeof(PayloadHeader) == 24);
constexpr std::size_t kChecksumOffset = sizeof(PayloadHeader);
static_assert(kChecksumOffset + sizeof(std::uint64_t) == kPayloadSizeMin);

// Odd numbers without structure: the golden ratio's and pi's first bits.
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15U;
constexpr std::uint64_t kPi = 0x243F6A8885A308D3U;
constexpr std::size_t kLanes = 4;

std::uint64_t load_word(const std::byte* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
  return std::rotl(state ^ word, 29) * kGolden;
}

// Sum over independent lanes, so that a large body costs about one cycle a word. Each step is a
// bijection of the word, so a single damaged word always changes the sum.
std::uint64_t sum_of(base::Bytes data, std::uint64_t seed) {
  std::array<std::uint64_t, kLanes> lanes{seed, seed ^ kPi, seed + kGolden, seed - kPi};
  const std::byte* at = data.data();
  std::size_t left = data.size();
  for (; left >= kLanes * sizeof(std::uint64_t); left -= kLanes * sizeof(std::uint64_t)) {
    for (std::uint64_t& lane : lanes) {
      lane = mix(lane, load_word(at));
      at += sizeof(std::uint64_t);
    }
  }
  std::array<std::byte, kLanes * sizeof(std::uint64_t)> tail{};
  base::copy_bytes(tail, data.last(left));
  std::uint64_t sum = data.size();
  for (std::size_t i = 0; i < kLanes; ++i) {
    sum = mix(sum, mix(lanes[i], load_word(tail.data() + i * sizeof(std::uint64_t))));
  }
  return sum;
}

std::uint64_t checksum_of(base::Bytes payload) {
  return sum_of(payload.subspan(kPayloadSizeMin), sum_of(payload.first(kChecksumOffset), kPi));
}

}  // namespace

PayloadCodec::PayloadCodec(std::uint32_t run) {
  std::uint64_t state = run;
  for (std::size_t i = 0; i < pattern_.size(); i += sizeof(state)) {
    state = mix(state, kPi + i);
    std::memcpy(pattern_.data() + i, &state, sizeof(state));
  }
}

void PayloadCodec::write(base::MutableBytes out, const PayloadHeader& header) const {
  CHECK(out.size() >= kPayloadSizeMin && out.size() <= kPayloadSizeMax);
  std::memcpy(out.data(), &header, sizeof(header));
  const std::size_t start = (header.client * 31U + header.sequence * 7U) % kPayloadSizeMax;
  base::copy_bytes(out.subspan(kPayloadSizeMin),
                   base::Bytes(pattern_).subspan(start, out.size() - kPayloadSizeMin));
  const std::uint64_t checksum = checksum_of(out);
  std::memcpy(out.data() + kChecksumOffset, &checksum, sizeof(checksum));
}

std::optional<PayloadHeader> PayloadCodec::check(base::Bytes payload) {
  if (payload.size() < kPayloadSizeMin ||
      load_word(payload.data() + kChecksumOffset) != checksum_of(payload)) {
    return std::nullopt;
  }
  return peek(payload);
}

std::optional<PayloadHeader> PayloadCodec::peek(base::Bytes payload) {
  if (payload.size() < kPayloadSizeMin) {
    return std::nullopt;
  }
  PayloadHeader header;
  std::memcpy(&header, payload.data(), sizeof(header));
  return header;
}

}  // namespace load
