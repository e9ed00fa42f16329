// SPDX-License-Identifier: Apache-2.0
#include "load/frame_format.hpp"

#include "stun/attributes.hpp"
#include "stun/message_builder.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace load {
namespace {

using stun::AttributeType;

// Header, XOR-PEER-ADDRESS and the head of DATA.
constexpr std::size_t kSendHeadMax =
    stun::kHeaderSize + stun::kAttributeHeaderSize + 20 + stun::kAttributeHeaderSize;

std::size_t send_head_size(const base::IpAddress& peer) {
  return kSendHeadMax - (peer.is_ipv4() ? 12 : 0);
}

stun::TransactionId indication_id(std::uint32_t sequence) {
  stun::TransactionId id{};
  base::store_u32(id.data(), sequence);
  return id;
}

}  // namespace

FrameFormat::FrameFormat(const Options& options, const std::vector<TurnClient>& clients)
    : method_(options.method),
      head_size_(method_ == Method::Channel ? stun::kChannelDataHeaderSize
                                            : send_head_size(clients.front().peer().ip)),
      payload_size_(options.size) {
  // RFC 8656 §12.5: ChannelData is padded over streams; attributes always are.
  if (method_ == Method::Send || options.transport == base::Transport::Tcp) {
    padding_size_ = stun::padded(payload_size_) - payload_size_;
  }
}

base::MutableBytes FrameFormat::open(const TurnClient& client,
                                     base::MutableBytes frame,
                                     std::uint32_t sequence) const {
  if (method_ == Method::Channel) {
    stun::write_channel_data_header(frame.data(), client.channel(), payload_size_);
  } else {
    stun::MessageBuilder message(
        frame, stun::MessageClass::Indication, stun::Method::Send, indication_id(sequence));
    message.add_xor_address(AttributeType::XorPeerAddress, client.peer());
    base::store_u16(frame.data() + 2, static_cast<std::uint16_t>(frame.size() - stun::kHeaderSize));
    std::byte* const data = frame.data() + message.size();
    base::store_u16(data, static_cast<std::uint16_t>(AttributeType::Data));
    base::store_u16(data + 2, static_cast<std::uint16_t>(payload_size_));
  }
  std::fill_n(
      frame.end() - static_cast<std::ptrdiff_t>(padding_size_), padding_size_, std::byte{0});
  return frame.subspan(head_size_, payload_size_);
}

base::Result<base::Bytes, Fault> FrameFormat::unwrap(const TurnClient& client,
                                                     base::Bytes frame) const {
  if (method_ == Method::Channel) {
    const auto message = stun::ChannelDataView::parse(frame);
    if (!message) {
      return base::failure(Fault::Corrupted);
    }
    return message->number == client.channel() ? base::Result<base::Bytes, Fault>(message->data)
                                               : base::failure(Fault::Misrouted);
  }
  const auto message = stun::MessageView::parse(frame);
  const auto data = message ? message->find(AttributeType::Data) : std::nullopt;
  const auto peer = message ? message->find(AttributeType::XorPeerAddress) : std::nullopt;
  if (!data || !peer) {
    return base::failure(Fault::Corrupted);
  }
  if (stun::parse_xor_address(*peer, message->transaction_id()) != client.peer()) {
    return base::failure(Fault::Misrouted);
  }
  return *data;
}

}  // namespace load
