// SPDX-License-Identifier: Apache-2.0
// ChannelData that parses must come back the same when its header is written anew.
#include "base/check.hpp"
#include "stun/channel_data.hpp"

#include <algorithm>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes = std::as_bytes(std::span(data, size));
  const auto view = stun::ChannelDataView::parse(bytes);
  if (!view) {
    return 0;
  }
  CHECK(view->number >= stun::kChannelNumberMin && view->number <= stun::kChannelNumberMax);
  std::vector<std::byte> again(stun::kChannelDataHeaderSize);
  stun::write_channel_data_header(again.data(), view->number, view->data.size());
  again.insert(again.end(), view->data.begin(), view->data.end());
  CHECK(again.size() <= bytes.size() && std::equal(again.begin(), again.end(), bytes.begin()));
  const auto second = stun::ChannelDataView::parse(again);
  CHECK(second.has_value() && second->number == view->number &&
        second->data.size() == view->data.size());
  return 0;
}
