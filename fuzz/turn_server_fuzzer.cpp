// SPDX-License-Identifier: Apache-2.0
// Authenticated sessions driven by the input: requests whose integrity is made anew after every
// mutation, ChannelData, Send indications, peers' datagrams, failing binds, reloads and jumps of
// time. After each step the tables must agree and nothing may have been relayed that no live
// permission allows; after all lifetimes nothing may be left. The bytes of a step are written down
// in make_corpus.py, which makes the seeds.
#include "auth/authenticator.hpp"
#include "base/check.hpp"
#include "stun/attributes.hpp"
#include "support/fake_clock.hpp"
#include "support/invariants.hpp"
#include "support/seeded_random.hpp"
#include "turn/server.hpp"
#include "turn_server_input.hpp"

#include <optional>
#include <string>
#include <vector>

namespace {

using base::TransportAddress;
using fuzz::Input;
using stun::AttributeType;
using stun::Method;

constexpr const char* kRealm = "example.org";
constexpr std::size_t kStepsMax = 400;

struct Client {
  base::FiveTuple five_tuple;
  std::string username;
  stun::TransactionId last_transaction{};
};

TransportAddress address(std::string_view text) {
  return *TransportAddress::parse(text);
}

auth::StaticUser user(const char* name) {
  return {name,
          stun::long_term_key(stun::PasswordAlgorithm::Md5, name, kRealm, "pass"),
          stun::long_term_key(stun::PasswordAlgorithm::Sha256, name, kRealm, "pass")};
}

/// Peers that no rule of ours may ever let through, said without the code under test.
bool is_dangerous(const base::IpAddress& ip) {
  const auto first = std::to_integer<unsigned>(ip.bytes()[0]);
  return ip.is_ipv4() ? first == 0 || first == 10 || first == 127 || first == 169 || first >= 224
                      : first >> 5U != 1U;
}

class World final : private turn::Outputs, private turn::AuditSink {
 public:
  explicit World(std::uint8_t seed) : random_(seed) {}

  void step(Input& input);
  void check();
  void end();

 private:
  void send_to_client(const base::FiveTuple& to, base::Bytes message) override;
  std::error_code open_relay(turn::RelayId relay, const TransportAddress& local) override;
  void close_relay(turn::RelayId relay) override;

  bool can_bind(const TransportAddress& local) override { return open_.count(local) == 0; }

  void allocation_gone(const base::FiveTuple& /*client*/) override {}

  void on_allocation_created(const turn::Allocation& /*allocation*/, base::Now /*now*/) override {}

  void on_allocation_ended(const turn::Allocation&, turn::EndReason, base::Now) override {}

  void on_credential_refused(const base::FiveTuple&,
                             std::string_view,
                             const auth::Refusal&,
                             base::Now) override {}

  void on_request_refused(
      const base::FiveTuple&, std::string_view, Method, stun::ErrorCode, base::Now) override {}

  void request(Input& input);
  void send_indication(Input& input);
  void channel_data(Input& input);
  void peer_datagram(Input& input);
  void icmp_error(Input& input);
  void reload(std::uint8_t bits);
  void add_attribute(Input& input, stun::MessageBuilder& message);
  void add_credentials(Client& client, std::uint8_t flags, stun::MessageBuilder& message);
  void receive(const Client& client, base::Bytes message);
  void check_to_peer(const std::optional<turn::ToPeer>& to, const Client& client);
  [[nodiscard]] std::shared_ptr<const turn::Snapshot> snapshot() const;

  [[nodiscard]] support::ServerView view() {
    return {server_, ports_, quota_, counters_, open_, clock_.now().monotonic};
  }

  support::SeededRandom random_;
  support::FakeClock clock_;
  support::FakeQuota quota_;
  turn::Counters counters_;
  turn::SourceBudget budget_{base::SipKey{}};
  auth::NonceMint nonces_{auth::NonceMint::Key{}};
  std::vector<turn::RelayAddress> relays_ = {
      {address("192.0.2.10:0").ip, address("192.0.2.10:0").ip},
      {address("10.0.0.5:0").ip, address("192.0.2.5:0").ip},
      {address("[2001:db8::10]:0").ip, address("[2001:db8::10]:0").ip}};
  turn::RelayPorts ports_{relays_, {50'000, 50'007}};
  std::set<TransportAddress> open_;
  std::map<std::pair<std::uint32_t, base::Family>, TransportAddress> sockets_;
  std::array<Client, 4> clients_{
      {{{address("198.51.100.1:40000"), address("192.0.2.1:3478"), base::Transport::Udp},
        "alice",
        {}},
       {{address("198.51.100.2:40000"), address("192.0.2.1:3478"), base::Transport::Tcp},
        "bob",
        {}},
       {{address("[2001:db8::77]:40000"), address("[2001:db8::1]:3478"), base::Transport::Udp},
        "alice",
        {}},
       {{address("198.51.100.1:40001"), address("192.0.2.1:3478"), base::Transport::Udp}, "", {}}}};
  std::optional<turn::ReservationToken> last_token_;
  std::error_code bind_error_;
  unsigned failing_binds_ = 0;
  std::uint8_t config_ = 0;
  std::uint64_t generation_ = 0;
  std::array<std::byte, 2048> buffer_{};
  const Client* asking_ = nullptr;  ///< Whose request is being served.
  stun::TransactionId asked_{};
  unsigned answers_ = 0;
  turn::Server server_{
      snapshot(), {ports_, budget_, quota_, *this, nonces_}, random_, *this, counters_, 0};
};

std::shared_ptr<const turn::Snapshot> World::snapshot() const {
  auto made = std::make_shared<turn::Snapshot>();
  made->generation = generation_;
  made->policy.permissions_per_allocation = 5;
  made->policy.channels_per_allocation = 5;
  made->policy.allocations_per_user = 3;
  made->policy.strict_expiry = (config_ & 1U) != 0;
  made->policy.classic_stun = (config_ & 2U) != 0;
  made->policy.software = (config_ & 4U) != 0 ? "turnpike" : "";
  std::vector<auth::StaticUser> users = {user("alice")};
  if ((config_ & 8U) == 0) {
    users.push_back(user("bob"));
  }
  made->credentials = auth::Credentials(
      kRealm, std::move(users), {{"s", (config_ & 16U) == 0 ? "secret" : "other"}});
  turn::PeerFilter::Rules rules;
  rules.relay = relays_;
  rules.relay_ports = ports_.range();
  if ((config_ & 32U) != 0) {
    rules.deny = {*base::Cidr::parse("9.9.9.0/24")};
  }
  made->peers = turn::PeerFilter(std::move(rules));
  return made;
}

void World::send_to_client(const base::FiveTuple& to, base::Bytes message) {
  const auto answer = stun::MessageView::parse_classic(message);
  CHECK(answer.has_value());
  if (answer->message_class() == stun::MessageClass::Indication) {
    CHECK(answer->method() == Method::Data && server_.find_client(to).has_value());
    return;
  }
  ++answers_;
  CHECK(asking_ != nullptr && to == asking_->five_tuple && answers_ == 1);
  CHECK(answer->transaction_id() == asked_);
  CHECK(answer->message_class() != stun::MessageClass::Request);
  if (const auto token = answer->find(AttributeType::ReservationToken)) {
    last_token_.emplace();
    base::copy_bytes(*last_token_, *token);
  }
}

std::error_code World::open_relay(turn::RelayId relay, const TransportAddress& local) {
  if (failing_binds_ != 0) {
    --failing_binds_;
    return bind_error_;
  }
  CHECK(open_.insert(local).second);
  CHECK(sockets_.emplace(std::pair(relay.allocation.index, relay.family), local).second);
  return {};
}

void World::close_relay(turn::RelayId relay) {
  const auto found = sockets_.find({relay.allocation.index, relay.family});
  CHECK(found != sockets_.end() && open_.erase(found->second) == 1);
  sockets_.erase(found);
}

void World::receive(const Client& client, base::Bytes message) {
  asking_ = &client;
  answers_ = 0;
  const auto view = stun::MessageView::parse(message);
  if (view) {
    asked_ = view->transaction_id();
    server_.on_message(client.five_tuple, *view, clock_.now());
  } else {
    if (message.size() >= stun::kHeaderSize) {
      base::copy_bytes(asked_, message.subspan(8, asked_.size()));
    }
    server_.on_unparsed(client.five_tuple, message, view.error(), clock_.now());
  }
  asking_ = nullptr;
}

void World::add_attribute(Input& input, stun::MessageBuilder& message) {
  const std::uint8_t kind = input.take() % 11;
  const std::uint8_t value = input.take();
  const std::array<std::byte, 4> leading = {std::byte{value}};
  switch (kind) {
    case 0:
      return message.add(AttributeType::RequestedTransport, leading);
    case 1:
      return message.add_u32(AttributeType::Lifetime,
                             fuzz::kLifetimes[value % fuzz::kLifetimes.size()]);
    case 2:
      return message.add_xor_address(AttributeType::XorPeerAddress,
                                     address(fuzz::kPeers[value % fuzz::kPeers.size()]));
    case 3:
      return message.add_u32(AttributeType::ChannelNumber,
                             value < 250 ? 0x40000000U + (value % 8U << 16U) : value * 0x01010101U);
    case 4:
      return message.add(AttributeType::EvenPort, base::Bytes(leading).first(1));
    case 5:
      return message.add(AttributeType::ReservationToken,
                         last_token_.value_or(turn::ReservationToken{}));
    case 6:
      return message.add(AttributeType::RequestedAddressFamily, leading);
    case 7:
      return message.add(AttributeType::AdditionalAddressFamily, leading);
    case 8:
      return message.add(AttributeType::DontFragment, {});
    case 9:
      return message.add(AttributeType::Data, input.take_bytes(value % 16));
    default: {
      const auto type = static_cast<AttributeType>(value * 256U + input.take());
      return message.add(type, input.take_bytes(input.take() % 48));
    }
  }
}

void World::add_credentials(Client& client, std::uint8_t flags, stun::MessageBuilder& message) {
  std::string name = client.username;
  std::string password = (flags & 2U) != 0 ? "wrong" : "pass";
  if (name.empty()) {
    name =
        std::to_string(
            (support::FakeClock::kWallStart + std::chrono::hours{1}).time_since_epoch().count()) +
        ":carol";
    password = auth::time_limited_password((flags & 2U) != 0 ? "wrong" : "secret", name);
  }
  const bool by_algorithm = (flags & 4U) != 0;
  const auto algorithm =
      by_algorithm ? stun::PasswordAlgorithm::Sha256 : stun::PasswordAlgorithm::Md5;
  message.add_text(AttributeType::Username, name);
  message.add_text(AttributeType::Realm, kRealm);
  const base::Instant made =
      clock_.now().monotonic - std::chrono::hours{(flags & 64U) != 0 ? 2 : 0};
  const auto nonce = nonces_.make(client.five_tuple.client, {true, false}, made);
  message.add_text(AttributeType::Nonce, {nonce.data(), nonce.size()});
  if (by_algorithm) {
    message.add(AttributeType::PasswordAlgorithms, auth::offered_password_algorithms());
    message.add_u32(AttributeType::PasswordAlgorithm, static_cast<std::uint32_t>(algorithm) << 16U);
  }
  const auto key = stun::long_term_key(algorithm, name, kRealm, password);
  message.add_integrity(by_algorithm ? stun::IntegrityKind::Sha256 : stun::IntegrityKind::Sha1,
                        key.bytes());
}

void World::request(Input& input) {
  constexpr std::array<Method, 5> kMethods = {Method::Allocate,
                                              Method::Refresh,
                                              Method::CreatePermission,
                                              Method::ChannelBind,
                                              Method::Binding};
  Client& client = clients_[input.take() % clients_.size()];
  const Method method = input.pick(kMethods);
  const std::uint8_t flags = input.take();
  if ((flags & 16U) == 0) {
    random_.fill(client.last_transaction);
  }
  stun::MessageBuilder message(
      buffer_, stun::MessageClass::Request, method, client.last_transaction);
  for (unsigned left = input.take() % 12; left > 0; --left) {
    add_attribute(input, message);
  }
  if ((flags & 1U) == 0) {
    add_credentials(client, flags, message);
  }
  if ((flags & 128U) != 0) {
    add_attribute(input, message);
  }
  if ((flags & 8U) != 0) {
    message.add_fingerprint();
  }
  if ((flags & 32U) != 0) {
    const std::uint8_t at = input.take();
    buffer_[at % message.size()] ^= static_cast<std::byte>(1U << (input.take() % 8U));
  }
  receive(client, message.finish());
}

void World::check_to_peer(const std::optional<turn::ToPeer>& to, const Client& client) {
  if (!to) {
    return;
  }
  const auto id = server_.find_client(client.five_tuple);
  turn::Allocation* const allocation = server_.allocations().get(*id);
  CHECK(to->relay.allocation == *id && allocation->relay(to->relay.family) != nullptr);
  CHECK(to->relay.family == to->peer.ip.family());
  const turn::Permission* const permission = allocation->find_permission(to->peer.ip);
  CHECK(permission != nullptr && permission->expires > clock_.now().monotonic);
  CHECK(to->is_own_relayed || !is_dangerous(to->peer.ip));
  CHECK(!to->is_own_relayed || ports_.range().contains(to->peer.port));
}

void World::channel_data(Input& input) {
  const Client& client = clients_[input.take() % clients_.size()];
  const std::uint8_t number = input.take();
  if (const auto id = server_.find_client(client.five_tuple)) {
    check_to_peer(server_.on_channel_data(
                      *id, stun::ChannelNumber{static_cast<std::uint16_t>(0x4000U + number % 8U)}),
                  client);
  }
}

void World::send_indication(Input& input) {
  const Client& client = clients_[input.take() % clients_.size()];
  stun::MessageBuilder message(
      buffer_, stun::MessageClass::Indication, Method::Send, stun::TransactionId{});
  for (unsigned left = input.take() % 8; left > 0; --left) {
    add_attribute(input, message);
  }
  const auto view = stun::MessageView::parse(message.finish());
  const auto id = server_.find_client(client.five_tuple);
  // Attributes of the input may have been a broken FINGERPRINT or MESSAGE-INTEGRITY.
  if (!view || !id) {
    return;
  }
  if (const auto indication = server_.on_send_indication(*id, *view)) {
    check_to_peer(indication->to, client);
    CHECK(indication->data.data() >= buffer_.data() && indication->data.size() <= message.size());
  }
}

void World::peer_datagram(Input& input) {
  const Client& client = clients_[input.take() % clients_.size()];
  const TransportAddress peer = address(input.pick(fuzz::kPeers));
  const auto id = server_.find_client(client.five_tuple);
  if (!id || server_.allocations().get(*id)->relay(peer.ip.family()) == nullptr) {
    return;
  }
  if (const auto to = server_.on_peer_datagram({*id, peer.ip.family()}, peer)) {
    turn::Allocation* const allocation = server_.allocations().get(*id);
    CHECK(*to->client == client.five_tuple && allocation->find_permission(peer.ip) != nullptr);
    CHECK(!to->channel || allocation->find_channel(*to->channel)->peer == peer);
    server_.count_to_client(*id, 1, 100);
  }
}

void World::icmp_error(Input& input) {
  const Client& client = clients_[input.take() % clients_.size()];
  const TransportAddress peer = address(input.pick(fuzz::kPeers));
  if (const auto id = server_.find_client(client.five_tuple)) {
    server_.on_icmp_error(
        {*id, peer.ip.family()},
        {peer, static_cast<std::uint8_t>(input.take() % 128U), input.take(), 1'280});
  }
}

void World::reload(std::uint8_t bits) {
  config_ = bits;
  ++generation_;
  server_.on_snapshot(snapshot(), clock_.now());
}

void World::step(Input& input) {
  switch (input.take() % 10) {
    case 0:
      return request(input);
    case 1:
      return channel_data(input);
    case 2:
      return send_indication(input);
    case 3:
      return peer_datagram(input);
    case 4:
      clock_.advance(std::chrono::seconds{input.pick(fuzz::kJumps)});
      return server_.on_deadline(clock_.now());
    case 5: {
      const Client& client = clients_[input.take() % clients_.size()];
      return receive(client, input.take_bytes(input.take()));
    }
    case 6:
      bind_error_ = std::make_error_code((input.take() & 1U) != 0 ? std::errc::address_in_use
                                                                  : std::errc::too_many_files_open);
      failing_binds_ = input.take() % 10U;
      return;
    case 7:
      return reload(input.take());
    case 8:
      return server_.on_client_gone(clients_[input.take() % clients_.size()].five_tuple,
                                    clock_.now());
    default:
      return icmp_error(input);
  }
}

void World::check() {
  const std::string found = support::violation(view());
  if (!found.empty()) {
    static_cast<void>(std::fprintf(stderr, "violation: %s\n", found.c_str()));
  }
  CHECK(found.empty());
}

void World::end() {
  clock_.advance(std::chrono::hours{2});
  server_.on_deadline(clock_.now());
  const std::string found = support::leftover(view());
  if (!found.empty()) {
    static_cast<void>(std::fprintf(stderr, "leftover: %s\n", found.c_str()));
  }
  CHECK(found.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(std::as_bytes(std::span(data, size)));
  World world(input.take());
  for (std::size_t step = 0; step < kStepsMax && !input.empty(); ++step) {
    world.step(input);
    world.check();
  }
  world.end();
  return 0;
}
