// SPDX-License-Identifier: Apache-2.0
// A message that parses must come back the same when it is built anew from its parts.
#include "base/check.hpp"
#include "stun/attributes.hpp"
#include "stun/integrity.hpp"
#include "stun/message_builder.hpp"
#include "stun/message_view.hpp"

#include <cstdlib>
#include <vector>

namespace {

using stun::Attribute;
using stun::IntegrityKind;
using stun::MessageView;

std::vector<Attribute> attributes_of(const MessageView& view) {
  std::vector<Attribute> all;
  view.for_each([&](const Attribute& attribute) { all.push_back(attribute); });
  return all;
}

bool same(base::Bytes left, base::Bytes right) {
  return base::text_of(left) == base::text_of(right);
}

/// Every reader takes any value, and an address that it reads is written back bit for bit.
void read_as_everything(const Attribute& attribute, const stun::TransactionId& id) {
  static_cast<void>(stun::parse_u32(attribute.value));
  static_cast<void>(stun::parse_channel_number(attribute.value));
  static_cast<void>(stun::parse_family(attribute.value));
  static_cast<void>(stun::parse_protocol(attribute.value));
  static_cast<void>(stun::parse_even_port(attribute.value));
  static_cast<void>(stun::parse_password_algorithm(attribute.value));
  static_cast<void>(stun::is_unknown_comprehension_required(attribute.type));
  const auto address = stun::parse_xor_address(attribute.value, id);
  if (!address) {
    return;
  }
  std::array<std::byte, 64> buffer{};
  stun::MessageBuilder builder(buffer, stun::MessageClass::Request, stun::Method::Binding, id);
  builder.add_xor_address(attribute.type, *address);
  const base::Bytes written =
      builder.finish().subspan(stun::kHeaderSize + stun::kAttributeHeaderSize);
  CHECK(same(written.subspan(1),
             attribute.value.subspan(1)));  // The first byte is ignored when read.
}

void rebuild(const MessageView& view) {
  constexpr std::size_t kIntegrityAndFingerprint = 24 + 36 + 8;
  if (view.bytes().size() + kIntegrityAndFingerprint > stun::kMessageSizeMax) {
    return;
  }
  std::vector<std::byte> buffer(view.bytes().size() + kIntegrityAndFingerprint, std::byte{0xFF});
  stun::MessageBuilder builder(
      buffer, view.message_class(), view.method(), view.cookie_and_transaction_id());
  const std::vector<Attribute> before = attributes_of(view);
  for (const Attribute& attribute : before) {
    builder.add(attribute.type, attribute.value);
    CHECK(view.find(attribute.type).has_value());
    read_as_everything(attribute, view.transaction_id());
  }
  const base::Bytes key = base::bytes_of("key");
  builder.add_integrity(IntegrityKind::Sha1, key);
  builder.add_integrity(IntegrityKind::Sha256, key);
  builder.add_fingerprint();

  const auto again = MessageView::parse_classic(builder.finish());
  CHECK(again.has_value());
  CHECK(again->method() == view.method() && again->message_class() == view.message_class());
  CHECK(same(again->cookie_and_transaction_id(), view.cookie_and_transaction_id()));
  CHECK(again->has_fingerprint());
  CHECK(stun::verify_integrity(*again, IntegrityKind::Sha1, key));
  CHECK(stun::verify_integrity(*again, IntegrityKind::Sha256, key));
  const std::vector<Attribute> after = attributes_of(*again);
  CHECK(after.size() == before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(after[i].type == before[i].type && same(after[i].value, before[i].value));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes = std::as_bytes(std::span(data, size));
  const auto view = MessageView::parse(bytes);
  const auto classic = MessageView::parse_classic(bytes);
  // What parses with the cookie parses without looking at it.
  CHECK(!view.has_value() || classic.has_value());
  if (classic) {
    static_cast<void>(stun::verify_integrity(*classic, IntegrityKind::Sha1, base::bytes_of("key")));
    static_cast<void>(
        stun::verify_integrity(*classic, IntegrityKind::Sha256, base::bytes_of("key")));
    rebuild(*classic);
  }
  return 0;
}
