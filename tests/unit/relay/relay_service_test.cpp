// SPDX-License-Identifier: Apache-2.0
#include "relay/relay_service.hpp"

#include "base/lock_guarded.hpp"
#include "control/allocation_ledger.hpp"
#include "stun/attributes.hpp"
#include "support/describe.hpp"
#include "support/relay_client.hpp"
#include "support/test.hpp"

#include <algorithm>
#include <csignal>
#include <map>

#include <sys/socket.h>

using base::Transport;
using base::TransportAddress;
using relay::RelayService;
using stun::AttributeType;
using stun::Method;
using support::RawMessage;
using support::wait_until;

namespace {

constexpr turn::WorkerIndex kWorkers = 2;

/// Counts how allocations ended, for any thread.
class NotingAudit final : public turn::AuditSink {
 public:
  void on_allocation_created(const turn::Allocation& /*allocation*/, base::Now /*now*/) override {}

  void on_allocation_ended(const turn::Allocation& /*allocation*/,
                           turn::EndReason reason,
                           base::Now /*now*/) override {
    ends_.with([&](auto& ends) { ++ends[reason]; });
  }

  void on_credential_refused(const base::FiveTuple& /*client*/,
                             std::string_view /*username*/,
                             const auth::Refusal& /*refusal*/,
                             base::Now /*now*/) override {}

  void on_request_refused(const base::FiveTuple& /*client*/,
                          std::string_view /*username*/,
                          stun::Method /*method*/,
                          stun::ErrorCode /*code*/,
                          base::Now /*now*/) override {}

  [[nodiscard]] int ended(turn::EndReason reason) {
    return ends_.with([&](auto& ends) { return ends[reason]; });
  }

 private:
  base::LockGuarded<std::map<turn::EndReason, int>> ends_;
};

RelayService::Setup setup_of(const support::TurnSetup& turn) {
  RelayService::Setup setup;
  setup.workers = kWorkers;
  setup.listen_udp = {support::at("127.91.0.1:0")};
  setup.listen_tcp = {support::at("127.91.0.1:0")};
  setup.relay_addresses = turn.relay;
  setup.relay_ports = turn.relay_ports;
  setup.snapshot = turn.snapshot(1);
  return setup;
}

support::TurnSetup unlimited() {
  support::TurnSetup turn = support::loopback_setup();
  turn.policy.unauthenticated_per_second = 0;
  turn.policy.allocations_per_user = 0;
  return turn;
}

/// A client that knows nothing of the server but its address.
class Stranger {
 public:
  explicit Stranger(const TransportAddress& server)
      : end(server.ip.is_ipv4() ? support::kLoopback : "::1"), server_(server) {}

  /// The description of the answer.
  std::string ask(const RawMessage& message) {
    end.send(server_, message.bytes());
    const auto answer = end.wait();
    CHECK_TRUE(answer.has_value());
    last_ = answer->bytes;
    return support::describe(last_, signer_.key().bytes());
  }

  /// A request with a fresh transaction id; a challenge is answered.
  std::string ask_signed(const std::function<void(RawMessage&)>& fill, Method method) {
    for (int attempt = 0;; ++attempt) {
      RawMessage message(stun::MessageClass::Request, method, next_id());
      fill(message);
      const std::string answer = ask(signer_.nonce.empty() ? message : signer_.sign(message));
      if (answer.find(" error 401") == std::string::npos || attempt == 1) {
        return answer;
      }
      const auto view = stun::MessageView::parse(last_);
      signer_.nonce = std::string(base::text_of(*view->find(AttributeType::Nonce)));
    }
  }

  TransportAddress allocate() {
    const std::string answer = ask_signed(
        [](RawMessage& message) {
          constexpr std::uint8_t kProtocolUdp = 17;
          message.add_leading_u8(AttributeType::RequestedTransport, kProtocolUdp);
        },
        Method::Allocate);
    CHECK_TRUE(answer.starts_with("Allocate success"));
    const auto view = stun::MessageView::parse(last_);
    return *stun::parse_xor_address(*view->find(AttributeType::XorRelayedAddress),
                                    view->transaction_id());
  }

  void permit(const TransportAddress& peer) {
    const std::string answer = ask_signed(
        [&](RawMessage& message) { message.add_xor_address(AttributeType::XorPeerAddress, peer); },
        Method::CreatePermission);
    CHECK_TRUE(answer.starts_with("CreatePermission success"));
  }

  void send_to(const TransportAddress& peer, std::string_view data) {
    end.send(server_, support::send_indication(peer, data));
  }

  support::UdpEnd end;

 private:
  stun::TransactionId next_id() {
    stun::TransactionId id{};
    base::store_u32(id.data(), end.address().port);
    base::store_u32(id.data() + 4, ++transactions_);
    return id;
  }

  TransportAddress server_;
  support::Signer signer_;
  std::vector<std::byte> last_;
  std::uint32_t transactions_ = 0;
};

}  // namespace

TEST_GROUP(RelayService) {
  control::AllocationLedger ledger;
  NotingAudit audit;
  support::TurnSetup turn = unlimited();
  RelayService::Setup setup_wanted = setup_of(turn);
  std::unique_ptr<RelayService> service;

  void setup() override {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    const net::Loop first;  // libuv keeps a pipe of its own from the first loop on.
  }

  void open_and_start() {
    auto opened = RelayService::open(setup_wanted, ledger, audit);
    CHECK_TRUE(opened.has_value());
    service = std::move(*opened);
    service->start();
  }

  TransportAddress listener(Transport transport) {
    const auto& all = service->listeners();
    return std::find_if(all.begin(),
                        all.end(),
                        [&](const auto& bound) { return bound.transport == transport; })
        ->address;
  }

  /// The failure of an open that must fail, nothing left open by it.
  relay::BindFailure fails() {
    const std::size_t before = support::open_descriptors();
    const auto opened = RelayService::open(setup_wanted, ledger, audit);
    CHECK_FALSE(opened.has_value());
    CHECK_EQUAL(before, support::open_descriptors());
    return opened.error();
  }

  std::uint64_t live_allocations(turn::WorkerIndex worker) {
    return service->workers()[worker]->counters().allocations_live.value();
  }
};

TEST(RelayService, PortZeroBecomesOnePortOfAllWorkers) {
  setup_wanted.listen_udp = {support::at("127.91.0.1:0"), support::at("[::1]:0")};
  setup_wanted.listen_tcp = {support::at("127.91.0.1:0"), support::at("[::1]:0")};
  open_and_start();
  CHECK_EQUAL(4U, service->listeners().size());
  CHECK_EQUAL(2U, service->workers().size());
  for (const relay::BoundListener& bound : service->listeners()) {
    CHECK_TRUE(bound.address.port != 0);
    if (bound.transport == Transport::Udp) {
      Stranger client(bound.address);
      CHECK_EQUAL("Binding success mapped=" + client.end.address().to_string(),
                  client.ask({stun::MessageClass::Request, Method::Binding}));
    } else {
      support::TcpEnd client(bound.address);
      client.send(RawMessage(stun::MessageClass::Request, Method::Binding).bytes());
      CHECK_TRUE(wait_until([&] {
        client.read_some();
        return client.received().size() >= 32;
      }));
      CHECK_EQUAL("Binding success mapped=" + client.address().to_string(),
                  support::describe(client.received(), {}));
    }
  }
}

TEST(RelayService, ClientsAreSpreadAndReachEachOtherAcrossWorkers) {
  open_and_start();
  const TransportAddress server = listener(Transport::Udp);
  std::vector<std::unique_ptr<Stranger>> clients;
  std::array<Stranger*, kWorkers> one_of{};
  std::array<TransportAddress, kWorkers> relayed_of;
  // Which worker a client gets is the kernel's choice, by a hash of its port.
  while (one_of[0] == nullptr || one_of[1] == nullptr) {
    CHECK_TRUE(clients.size() < 100);
    clients.push_back(std::make_unique<Stranger>(server));
    const TransportAddress relayed = clients.back()->allocate();
    const auto worker = service->ports().owner(relayed);
    CHECK_TRUE(worker.has_value() && *worker < kWorkers);
    one_of.at(*worker) = clients.back().get();
    relayed_of.at(*worker) = relayed;
  }
  CHECK_EQUAL(clients.size(), live_allocations(0) + live_allocations(1));
  CHECK_TRUE(live_allocations(0) > 0 && live_allocations(1) > 0);
  one_of[0]->permit(relayed_of[1]);
  one_of[1]->permit(relayed_of[0]);
  one_of[0]->send_to(relayed_of[1], "across");
  CHECK_EQUAL("from " + relayed_of[0].to_string() + " \"across\"",
              support::take_apart(one_of[1]->end.wait()->bytes).to_string());
  one_of[1]->send_to(relayed_of[0], "and back");
  CHECK_EQUAL("from " + relayed_of[1].to_string() + " \"and back\"",
              support::take_apart(one_of[0]->end.wait()->bytes).to_string());
}

TEST(RelayService, UdpBindFailureLeavesNothingOpen) {
  const support::UdpEnd holder;
  setup_wanted.listen_udp.push_back(holder.address());
  const relay::BindFailure failure = fails();
  CHECK_EQUAL(Transport::Udp, failure.transport);
  CHECK_EQUAL(holder.address(), failure.address);
  CHECK_TRUE(failure.error == std::errc::address_in_use);
}

TEST(RelayService, TcpBindFailureLeavesNothingOpen) {
  setup_wanted.listen_tcp.push_back(support::at("192.0.2.1:0"));
  const relay::BindFailure failure = fails();
  CHECK_EQUAL(Transport::Tcp, failure.transport);
  CHECK_EQUAL(support::at("192.0.2.1:0"), failure.address);
  CHECK_TRUE(failure.error == std::errc::address_not_available);
}

TEST(RelayService, StopEndsLiveAllocations) {
  open_and_start();
  std::vector<std::unique_ptr<Stranger>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Stranger>(listener(Transport::Udp)));
    static_cast<void>(clients.back()->allocate());
  }
  const support::TcpEnd idle(listener(Transport::Tcp));
  CHECK_EQUAL(8U, ledger.total());
  CHECK_EQUAL(8U, service->ports().in_use());
  service->stop();
  CHECK_EQUAL(0U, ledger.total());
  CHECK_EQUAL(0U, service->ports().in_use());
  CHECK_EQUAL(8, audit.ended(turn::EndReason::Stopped));
  service->stop();
  CHECK_FALSE(service->hand_over(0, {}));
}

TEST(RelayService, NothingStaysOpenBehindIt) {
  const std::size_t before = support::open_descriptors();
  open_and_start();
  {
    Stranger client(listener(Transport::Udp));
    static_cast<void>(client.allocate());
    const support::TcpEnd connected(listener(Transport::Tcp));
    service.reset();
  }
  CHECK_EQUAL(before, support::open_descriptors());
}

TEST(RelayService, MayEndWithoutAStart) {
  const std::size_t before = support::open_descriptors();
  {
    const auto opened = RelayService::open(setup_wanted, ledger, audit);
    CHECK_TRUE(opened.has_value());
  }
  CHECK_EQUAL(before, support::open_descriptors());
}

TEST(RelayService, AppliesANewConfiguration) {
  open_and_start();
  Stranger client(listener(Transport::Udp));
  const RawMessage probe(stun::MessageClass::Request, Method::Allocate);
  CHECK_TRUE(client.ask(probe).find("realm=example.org") != std::string::npos);
  turn.realm = "other.example";
  service->apply(turn.snapshot(2), base::Duration::zero());
  CHECK_TRUE(wait_until(
      [&] { return client.ask(probe).find("realm=other.example") != std::string::npos; }));
}

TEST(RelayService, EveryWorkerAnswersPings) {
  open_and_start();
  for (const auto& worker : service->workers()) {
    worker->post_ping();
    worker->post_ping();
  }
  CHECK_TRUE(wait_until([&] {
    return std::all_of(service->workers().begin(),
                       service->workers().end(),
                       [](const auto& worker) { return worker->heartbeat() == 2; });
  }));
}

TEST(RelayService, HandsOverToWorkersItHas) {
  open_and_start();
  CHECK_TRUE(service->hand_over(1, {}));
  CHECK_FALSE(service->hand_over(kWorkers, {}));
}
