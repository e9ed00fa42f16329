// SPDX-License-Identifier: Apache-2.0
#include "load/payload.hpp"

#include <algorithm>
#include <vector>

#include <CppUTest/TestHarness.h>

namespace {

constexpr load::PayloadHeader kHeader{7, 42, 1234, 1, 5'000'000'000};

std::vector<std::byte> payload_of(std::size_t size, const load::PayloadHeader& header) {
  std::vector<std::byte> payload(size);
  load::PayloadCodec(7).write(payload, header);
  return payload;
}

}  // namespace

TEST_GROUP(LoadPayload) {
};

TEST(LoadPayload, WhatIsWrittenIsRead) {
  for (const std::size_t size :
       {load::kPayloadSizeMin, std::size_t{33}, std::size_t{172}, load::kPayloadSizeMax}) {
    const auto header = load::PayloadCodec::check(payload_of(size, kHeader));

    CHECK_TRUE(header == kHeader);
  }
}

TEST(LoadPayload, EveryDamagedBitIsSeen) {
  std::vector<std::byte> payload = payload_of(75, kHeader);
  for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
    const std::byte mask{static_cast<unsigned char>(1U << (bit % 8))};
    payload[bit / 8] ^= mask;
    CHECK_FALSE(load::PayloadCodec::check(payload).has_value());
    payload[bit / 8] ^= mask;
  }
  CHECK_TRUE(load::PayloadCodec::check(payload).has_value());
}

TEST(LoadPayload, CutOrPaddedOneIsSeen) {
  std::vector<std::byte> payload = payload_of(100, kHeader);
  CHECK_FALSE(load::PayloadCodec::check(base::Bytes(payload).first(99)).has_value());
  CHECK_FALSE(
      load::PayloadCodec::check(base::Bytes(payload).first(load::kPayloadSizeMin - 1)).has_value());
  payload.push_back(std::byte{0});
  CHECK_FALSE(load::PayloadCodec::check(payload).has_value());
}

TEST(LoadPayload, BodyOfAnotherDatagramIsSeen) {
  std::vector<std::byte> payload = payload_of(172, kHeader);
  load::PayloadHeader next = kHeader;
  ++next.sequence;
  const std::vector<std::byte> other = payload_of(172, next);

  std::copy(
      other.begin() + load::kPayloadSizeMin, other.end(), payload.begin() + load::kPayloadSizeMin);

  CHECK_FALSE(load::PayloadCodec::check(payload).has_value());
}

TEST(LoadPayload, PeekReadsTheHeaderOfADamagedOne) {
  std::vector<std::byte> payload = payload_of(64, kHeader);
  payload.back() ^= std::byte{1};

  CHECK_TRUE(load::PayloadCodec::peek(payload) == kHeader);
}
