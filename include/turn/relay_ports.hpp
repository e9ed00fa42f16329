// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/lock_guarded.hpp"
#include "base/random.hpp"
#include "turn/relay_address.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace turn {

/// Number of a worker thread, 0 to 126.
using WorkerIndex = std::uint8_t;

/// Value of RESERVATION-TOKEN: RFC 8656 §18.10.
using ReservationToken = std::array<std::byte, 8>;

/// Which relayed transport addresses are taken and by which worker. The one table that workers
/// share: a byte a port, claimed by compare-and-swap, read without a lock, so that any worker may
/// use any port and every worker knows where a relayed address lives. Reservations are rare and
/// stand under a lock.
class RelayPorts {
 public:
  enum class Parity : std::uint8_t { Any, Even };

  /// A port held back for the next allocation of a user: RFC 8656 §7.2.
  struct Reservation {
    std::size_t address_index = 0;
    std::uint16_t port = 0;
    std::string user;
    base::Instant expires;
  };

  RelayPorts(std::vector<RelayAddress> addresses, PortRange range);

  [[nodiscard]] const std::vector<RelayAddress>& addresses() const { return addresses_; }

  [[nodiscard]] const PortRange& range() const { return range_; }

  /// Ports of all addresses together.
  [[nodiscard]] std::size_t capacity() const;

  [[nodiscard]] std::size_t in_use() const { return in_use_.load(std::memory_order_relaxed); }

  /// A free random port (RFC 6056), now the worker's. Nothing when none is free.
  [[nodiscard]] std::optional<std::uint16_t> claim(std::size_t address_index,
                                                   Parity parity,
                                                   WorkerIndex worker,
                                                   base::RandomSource& random);
  /// A free even port whose next higher neighbour is free too: both are the worker's then.
  [[nodiscard]] std::optional<std::uint16_t> claim_pair(std::size_t address_index,
                                                        WorkerIndex worker,
                                                        base::RandomSource& random);
  void release(std::size_t address_index, std::uint16_t port);
  /// Hands a claimed port to another worker.
  void assign(std::size_t address_index, std::uint16_t port, WorkerIndex worker);

  /// The worker whose allocation has this relayed address, by local or external IP; nothing when
  /// none has.
  [[nodiscard]] std::optional<WorkerIndex> owner(const base::TransportAddress& relayed) const;

  /// Keeps a claimed port for whoever shows the token.
  void reserve(const ReservationToken& token, Reservation reservation);
  /// Takes the reservation away if the token is known, not expired and the user's.
  [[nodiscard]] std::optional<Reservation> take_reservation(const ReservationToken& token,
                                                            const std::string& user,
                                                            base::Instant now);
  /// Takes the reservation away if it is still there and expired; the caller releases port and
  /// quota.
  [[nodiscard]] std::optional<Reservation> expire_reservation(const ReservationToken& token,
                                                              base::Instant now);

 private:
  using Table = std::unique_ptr<std::atomic<std::uint8_t>[]>;
  static constexpr std::uint8_t kFree = 0;

  [[nodiscard]] std::atomic<std::uint8_t>& slot(std::size_t address_index,
                                                std::uint16_t port) const {
    return tables_[address_index][port - range_.first];
  }

  bool try_claim(std::size_t address_index, std::uint16_t port, WorkerIndex worker);

  [[nodiscard]] unsigned size() const { return range_.last - range_.first + 1U; }

  std::vector<RelayAddress> addresses_;
  PortRange range_;
  std::vector<Table> tables_;
  std::atomic<std::size_t> in_use_{0};
  base::LockGuarded<std::unordered_map<std::uint64_t, Reservation>> reservations_;
};

}  // namespace turn
