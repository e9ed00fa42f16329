// SPDX-License-Identifier: Apache-2.0
#include "load/poller.hpp"

#include "load/failure.hpp"

#include <ctime>

#include <poll.h>

namespace load {
namespace {

epoll_event event_of(Tag tag, std::uint32_t interest) {
  epoll_event event{};
  event.events = interest;
  event.data.u64 = (static_cast<std::uint64_t>(tag.side) << 32U) | tag.index;
  return event;
}

}  // namespace

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_.get() < 0) {
    throw system_failure("Cannot make an epoll instance");
  }
}

void Poller::add(int fd, Tag tag) {
  epoll_event event = event_of(tag, EPOLLIN);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw system_failure("Cannot watch a socket");
  }
}

void Poller::change(int fd, Tag tag, Interest interest) {
  epoll_event event = event_of(tag, interest == Interest::Read ? EPOLLIN : EPOLLIN | EPOLLOUT);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) {
    throw system_failure("Cannot watch a socket");
  }
}

std::span<const epoll_event> Poller::wait(std::int64_t timeout) {
  int count = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), 0);
  if (count <= 0 && timeout > 0) {
    // ppoll on the epoll descriptor rather than epoll_pwait2: glibc has that one since 2.35 only.
    pollfd waiting{epoll_.get(), POLLIN, 0};
    const timespec limit{timeout / 1'000'000'000, timeout % 1'000'000'000};
    if (::ppoll(&waiting, 1, &limit, nullptr) > 0) {
      count = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), 0);
    }
  }
  return std::span<const epoll_event>(events_).first(count > 0 ? static_cast<std::size_t>(count)
                                                               : 0);
}

Tag Poller::tag_of(const epoll_event& event) {
  return {static_cast<Side>(event.data.u64 >> 32U), static_cast<std::uint32_t>(event.data.u64)};
}

}  // namespace load
