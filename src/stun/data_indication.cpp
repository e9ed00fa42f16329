// SPDX-License-Identifier: Apache-2.0
#include "stun/data_indication.hpp"

#include "base/check.hpp"
#include "stun/message_builder.hpp"

namespace stun {

std::size_t write_data_indication_header(base::MutableBytes out,
                                         const TransactionId& id,
                                         const base::TransportAddress& peer,
                                         std::size_t data_size) {
  CHECK(data_size <= kDataIndicationDataMax);
  MessageBuilder builder(out, MessageClass::Indication, Method::Data, id);
  builder.add_xor_address(AttributeType::XorPeerAddress, peer);
  const std::size_t before = builder.size();
  base::store_u16(out.data() + before, static_cast<std::uint16_t>(AttributeType::Data));
  base::store_u16(out.data() + before + 2, static_cast<std::uint16_t>(data_size));
  const std::size_t size = before + kAttributeHeaderSize;
  base::store_u16(out.data() + 2,
                  static_cast<std::uint16_t>(size + padded(data_size) - kHeaderSize));
  return size;
}

}  // namespace stun
