// SPDX-License-Identifier: Apache-2.0
// Address text that parses must print as text that parses to the same.
#include "base/check.hpp"
#include "base/cidr.hpp"

#include <sys/socket.h>

namespace {

void transport_address(std::string_view text) {
  const auto address = base::TransportAddress::parse(text);
  if (!address) {
    return;
  }
  CHECK(base::TransportAddress::parse(address->to_string()) == address);
  CHECK(base::hash_of(*address) ==
        base::hash_of(*base::TransportAddress::parse(address->to_string())));
  sockaddr_storage storage{};
  CHECK(address->to_sockaddr(storage) <= sizeof storage);
  CHECK(base::TransportAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage))
            .has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = base::text_of(std::as_bytes(std::span(data, size)));
  if (const auto ip = base::IpAddress::parse(text)) {
    CHECK(base::IpAddress::parse(ip->to_string()) == ip);
    CHECK(base::IpAddress::from_bytes(ip->bytes()) == ip);
    CHECK(base::Cidr::single(*ip).contains(*ip));
  }
  transport_address(text);
  if (const auto cidr = base::Cidr::parse(text)) {
    CHECK(base::Cidr::parse(cidr->to_string()) == cidr);
    CHECK(cidr->contains(*cidr));
  }
  return 0;
}
