#pragma once
// The coroutines of one daemon that wait for an event of the simulated world.

#include "base/task.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace kinto_mirror::simulate {

class Waiters {
 public:
  using Ticket = std::uint64_t;

  explicit Waiters(boost::asio::io_context& io) : io_(io) {}

  Ticket draw() noexcept { return ++last_; }

  // Suspends the caller until wake(ticket), which must come later.
  Task<void> wait(Ticket ticket) {
    auto initiate = [this, ticket](auto handler) {
      auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      waiting_[ticket] = [shared] { std::move (*shared)(); };
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
        std::move(initiate), boost::asio::use_awaitable);
  }

  // Nothing where nobody waits with this ticket any more.
  void wake(Ticket ticket) {
    auto waiting = waiting_.extract(ticket);
    if (waiting.empty()) return;
    woken_ = true;
    boost::asio::post(io_, std::move(waiting.mapped()));
  }

  // Whether somebody was woken since the last call.
  bool take_woken() noexcept { return std::exchange(woken_, false); }

  // What a crash does.
  void forget_all() { waiting_.clear(); }

 private:
  boost::asio::io_context& io_;
  Ticket last_ = 0;
  bool woken_ = true;  // at first everybody is
  std::map<Ticket, std::function<void()>> waiting_;
};

}  // namespace kinto_mirror::simulate
