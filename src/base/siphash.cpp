// SPDX-License-Identifier: Apache-2.0
#include "base/siphash.hpp"

#include <bit>
#include <cstring>

namespace base {
namespace {

struct State {
  std::uint64_t v0;
  std::uint64_t v1;
  std::uint64_t v2;
  std::uint64_t v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
};

std::uint64_t load_little_endian(const std::byte* at, std::size_t count) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) {
    word |= std::to_integer<std::uint64_t>(at[i]) << (8 * i);
  }
  return word;
}

}  // namespace

std::uint64_t siphash(const SipKey& key, Bytes data) {
  State state{key.low ^ 0x736f6d6570736575ULL,
              key.high ^ 0x646f72616e646f6dULL,
              key.low ^ 0x6c7967656e657261ULL,
              key.high ^ 0x7465646279746573ULL};
  std::size_t offset = 0;
  for (; offset + 8 <= data.size(); offset += 8) {
    const std::uint64_t word = load_little_endian(data.data() + offset, 8);
    state.v3 ^= word;
    state.round();
    state.v0 ^= word;
  }
  const std::uint64_t last = (static_cast<std::uint64_t>(data.size()) << 56U) |
                             load_little_endian(data.data() + offset, data.size() - offset);
  state.v3 ^= last;
  state.round();
  state.v0 ^= last;
  state.v2 ^= 0xFF;
  state.round();
  state.round();
  state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace base
