// SPDX-License-Identifier: Apache-2.0
// However a stream is split, its frames are the same, and no more than one frame is ever held back.
// The first byte of the input seeds the splits, the rest is the stream.
#include "base/check.hpp"
#include "stun/stream_framer.hpp"
#include "stun/types.hpp"
#include "support/seeded_random.hpp"

#include <algorithm>
#include <vector>

namespace {

constexpr std::size_t kFrameSizeMax = 65'555;

struct Framed {
  std::vector<std::vector<std::byte>> frames;
  bool failed = false;

  friend bool operator==(const Framed&, const Framed&) = default;
};

/// Runs the stream through a framer in chunks of 1 to `chunk_max` bytes.
Framed frame(base::Bytes stream, std::size_t chunk_max, support::SeededRandom& random) {
  Framed framed;
  stun::StreamFramer framer;
  std::size_t fed = 0;
  std::size_t taken = 0;
  while (fed < stream.size() && !framed.failed) {
    const std::size_t count = std::min<std::size_t>(
        stream.size() - fed, 1 + random.below(static_cast<std::uint32_t>(chunk_max)));
    // A copy that dies at the end of this turn: the framer may not look at it later.
    const std::vector<std::byte> chunk(stream.begin() + static_cast<std::ptrdiff_t>(fed),
                                       stream.begin() + static_cast<std::ptrdiff_t>(fed + count));
    framer.feed(chunk);
    fed += count;
    for (;;) {
      const auto next = framer.next();
      if (!next) {
        framed.failed = true;
        break;
      }
      if (!next->has_value()) {
        break;
      }
      CHECK(!(*next)->empty() && (*next)->size() <= kFrameSizeMax);
      framed.frames.emplace_back((*next)->begin(), (*next)->end());
      taken += stun::padded((*next)->size());
    }
    CHECK(framed.failed || fed - taken <= stun::padded(kFrameSizeMax));
    CHECK(framed.failed || framer.has_partial_frame() == (fed != taken));
  }
  return framed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  support::SeededRandom random(data[0]);
  const base::Bytes stream = std::as_bytes(std::span(data + 1, size - 1));
  const Framed bytewise = frame(stream, 1, random);
  CHECK(frame(stream, 13, random) == bytewise);
  CHECK(frame(stream, std::max<std::size_t>(1, stream.size()), random) == bytewise);
  return 0;
}
