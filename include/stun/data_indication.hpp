// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "stun/types.hpp"

namespace stun {

/// Longest header of write_data_indication_header(): with an IPv6 peer.
inline constexpr std::size_t kDataIndicationHeaderMax = 48;
/// Longest data that fits a Data indication with any peer.
inline constexpr std::size_t kDataIndicationDataMax =
    kMessageSizeMax - kDataIndicationHeaderMax - 4;

/// Writes everything of a Data indication (RFC 8656 §11.4) that stands before the data: header,
/// XOR-PEER-ADDRESS, type and length of DATA. The caller puts the data behind it and pads it with
/// zeros to a multiple of 4. Returns the size written, 36 or 48 bytes; `out` must hold
/// kDataIndicationHeaderMax.
std::size_t write_data_indication_header(base::MutableBytes out,
                                         const TransactionId& id,
                                         const base::TransportAddress& peer,
                                         std::size_t data_size);

}  // namespace stun
