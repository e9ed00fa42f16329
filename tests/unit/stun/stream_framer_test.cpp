// SPDX-License-Identifier: Apache-2.0
#include "stun/stream_framer.hpp"

#include "support/hex.hpp"
#include "support/raw_message.hpp"
#include "support/seeded_random.hpp"
#include "support/test.hpp"

namespace {

using stun::AttributeType;
using stun::StreamFramer;
using support::RawMessage;

using Frames = std::vector<std::vector<std::byte>>;

}  // namespace

TEST_GROUP(StreamFramer) {
  StreamFramer framer;
  Frames frames;
  bool failed = false;

  /// Feeds one chunk and takes every frame out, as the owner of a stream does.
  void feed(base::Bytes chunk) {
    // A copy of its own, so that a framer that keeps a view of it is caught by AddressSanitizer.
    const std::vector<std::byte> copy(chunk.begin(), chunk.end());
    framer.feed(copy);
    while (!failed) {
      const auto next = framer.next();
      failed = !next.has_value();
      if (failed || !next->has_value()) {
        return;
      }
      frames.emplace_back((*next)->begin(), (*next)->end());
    }
  }

  static std::vector<std::byte> stun_message(std::string_view software) {
    return RawMessage(stun::MessageClass::Request, stun::Method::Binding)
        .add(AttributeType::Software, software)
        .bytes();
  }

  /// ChannelData without and with the padding of a stream.
  static std::vector<std::byte> channel_data(std::size_t size) {
    auto frame = support::concat({"4001"_hex, "0000"_hex, support::repeated(0xCD, size)});
    base::store_u16(frame.data() + 2, static_cast<std::uint16_t>(size));
    return frame;
  }

  static std::vector<std::byte> on_stream(std::vector<std::byte> frame) {
    frame.resize(stun::padded(frame.size()), std::byte{0xEE});
    return frame;
  }

  /// Both kinds, empty and padded ones among them.
  static Frames mixed_frames() {
    return {stun_message(""),
            channel_data(5),
            channel_data(0),
            stun_message("a client"),
            channel_data(4),
            channel_data(1),
            channel_data(3),
            stun_message("x")};
  }

  static std::vector<std::byte> stream_of(const Frames& all) {
    std::vector<std::byte> stream;
    for (const auto& frame : all) {
      const auto padded = on_stream(frame);
      stream.insert(stream.end(), padded.begin(), padded.end());
    }
    return stream;
  }
};

TEST(StreamFramer, NothingComesFromNothing) {
  feed({});
  CHECK_TRUE(frames.empty());
  CHECK_FALSE(failed);
  CHECK_FALSE(framer.has_partial_frame());
}

TEST(StreamFramer, WholeFramesOfOneChunkComeOutInOrder) {
  feed(stream_of(mixed_frames()));
  CHECK_EQUAL(mixed_frames(), frames);
  CHECK_FALSE(failed);
  CHECK_FALSE(framer.has_partial_frame());
}

TEST(StreamFramer, EverySplitInTwoGivesTheSameFrames) {
  const auto stream = stream_of(mixed_frames());
  for (std::size_t at = 0; at <= stream.size(); ++at) {
    framer = StreamFramer();
    frames.clear();
    feed(base::Bytes(stream).first(at));
    feed(base::Bytes(stream).subspan(at));
    CHECK_EQUAL(mixed_frames(), frames);
    CHECK_FALSE(framer.has_partial_frame());
  }
  CHECK_FALSE(failed);
}

TEST(StreamFramer, EverySplitInThreeGivesTheSameFrames) {
  const auto stream =
      stream_of({stun_message(""), channel_data(1), stun_message("ab"), channel_data(2)});
  const Frames expected = {stun_message(""), channel_data(1), stun_message("ab"), channel_data(2)};
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      framer = StreamFramer();
      frames.clear();
      feed(base::Bytes(stream).first(first));
      feed(base::Bytes(stream).subspan(first, second - first));
      feed(base::Bytes(stream).subspan(second));
      CHECK_EQUAL(expected, frames);
    }
  }
  CHECK_FALSE(failed);
}

TEST(StreamFramer, OneByteAtATimeGivesTheSameFrames) {
  const auto stream = stream_of(mixed_frames());
  for (const std::byte& byte : stream) {
    feed(base::Bytes(&byte, 1));
  }
  CHECK_EQUAL(mixed_frames(), frames);
  CHECK_FALSE(failed);
}

TEST(StreamFramer, RandomSplitsGiveTheSameFrames) {
  support::SeededRandom random(5);
  Frames expected;
  for (int i = 0; i < 300; ++i) {
    expected.push_back(random.one_in(2) ? channel_data(random.below(3000))
                                        : stun_message(std::string(random.below(700), 's')));
  }
  const auto stream = stream_of(expected);
  base::Bytes rest(stream);
  while (!rest.empty()) {
    const std::size_t count =
        std::min<std::size_t>(rest.size(), random.below(random.one_in(4) ? 9000 : 40));
    feed(rest.first(count));
    rest = rest.subspan(count);
  }
  CHECK_EQUAL(expected, frames);
  CHECK_FALSE(failed);
}

TEST(StreamFramer, WholeFramesAreNotCopied) {
  const auto stream = stream_of({stun_message(""), channel_data(8)});
  framer.feed(stream);
  POINTERS_EQUAL(stream.data(), (*framer.next())->data());
  POINTERS_EQUAL(stream.data() + 24, (*framer.next())->data());
}

TEST(StreamFramer, FrameWaitsForItsPadding) {
  const auto frame = on_stream(channel_data(5));
  feed(base::Bytes(frame).first(frame.size() - 1));
  CHECK_TRUE(frames.empty());
  CHECK_TRUE(framer.has_partial_frame());
  feed(base::Bytes(frame).last(1));
  CHECK_EQUAL(Frames{channel_data(5)}, frames);
}

TEST(StreamFramer, LargestChannelDataIsOneFrame) {
  // A 16-bit sum would wrap at this length and show the data as messages of its own.
  for (const std::size_t size : {0xFFFFU, 0xFFFEU, 0xFFFDU, 0xFFFCU}) {
    framer = StreamFramer();
    frames.clear();
    const auto stream = support::concat({on_stream(channel_data(size)), stun_message("behind")});
    feed(base::Bytes(stream).first(7));
    feed(base::Bytes(stream).subspan(7));
    CHECK_EQUAL((Frames{channel_data(size), stun_message("behind")}), frames);
  }
}

TEST(StreamFramer, RequestHiddenInALargestChannelDataStaysHidden) {
  auto frame = channel_data(0xFFFF);
  base::copy_bytes(base::MutableBytes(frame).subspan(4), stun_message("hidden"));
  feed(on_stream(frame));
  CHECK_EQUAL(Frames{frame}, frames);
}

TEST(StreamFramer, LargestStunMessageIsOneFrame) {
  const auto message = RawMessage(stun::MessageClass::Request, stun::Method::Send)
                           .add(AttributeType::Data, support::repeated(1, 0xFFF8))
                           .bytes();
  feed(base::Bytes(message).first(30'000));
  feed(base::Bytes(message).subspan(30'000));
  CHECK_EQUAL(Frames{message}, frames);
}

TEST(StreamFramer, StunLengthThatIsNoMultipleOfFourIsNotOurs) {
  for (const std::uint16_t length :
       std::initializer_list<std::uint16_t>{1, 2, 3, 0xFFFD, 0xFFFE, 0xFFFF}) {
    framer = StreamFramer();
    failed = false;
    feed(RawMessage(stun::MessageClass::Request, stun::Method::Binding).set_length(length).bytes());
    CHECK_TRUE(failed);
  }
  CHECK_TRUE(frames.empty());
}

TEST(StreamFramer, FirstBytesOfNeitherKindAreNotOurs) {
  for (unsigned first = 0x5000; first <= 0xFFFF; ++first) {
    auto bytes = support::repeated(0, 4);
    base::store_u16(bytes.data(), static_cast<std::uint16_t>(first));
    framer = StreamFramer();
    framer.feed(bytes);
    CHECK_FALSE(framer.next().has_value());
  }
}

TEST(StreamFramer, HttpPostIsNotOurs) {
  feed(support::from_text("POST / HTTP/1.1\r\n"));
  CHECK_TRUE(failed);
}

TEST(StreamFramer, GarbageBehindAFrameIsSeenAfterIt) {
  feed(support::concat({stun_message(""), "ffffffff"_hex}));
  CHECK_EQUAL(Frames{stun_message("")}, frames);
  CHECK_TRUE(failed);
}

TEST(StreamFramer, GarbageSplitInBytesIsSeenWithItsFourth) {
  for (int i = 0; i < 3; ++i) {
    feed("ff"_hex);
    CHECK_FALSE(failed);
  }
  feed("ff"_hex);
  CHECK_TRUE(failed);
}

TEST(StreamFramer, ErrorStays) {
  const auto garbage = "ffffffff"_hex;
  framer.feed(garbage);
  CHECK_FALSE(framer.next().has_value());
  CHECK_FALSE(framer.next().has_value());
}

TEST(StreamFramer, StunWithoutTheCookieIsNotOurs) {
  auto message = stun_message("");
  message[7] ^= std::byte{1};
  for (const std::size_t at : {std::size_t{0}, std::size_t{3}, message.size() - 1}) {
    framer = StreamFramer();
    failed = false;
    feed(base::Bytes(message).first(at));
    CHECK_FALSE(failed);
    feed(support::concat(
        {{message.begin() + static_cast<std::ptrdiff_t>(at), message.end()}, stun_message("")}));
    CHECK_TRUE(failed);
    CHECK_FALSE(framer.next().has_value());
  }
  CHECK_TRUE(frames.empty());
}

TEST(StreamFramer, PartialFrameIsKnownUntilItIsWhole) {
  const auto message = stun_message("");
  feed(base::Bytes(message).first(1));
  CHECK_TRUE(framer.has_partial_frame());
  feed(base::Bytes(message).subspan(1, 10));
  CHECK_TRUE(framer.has_partial_frame());
  feed(base::Bytes(message).subspan(11));
  CHECK_FALSE(framer.has_partial_frame());
}
