#pragma once
// The time of tests that run on Kintos of the model.

#include "base/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>

namespace kinto_mirror::sync::test {

inline constexpr std::int64_t epoch = 1'700'000'000'000;

constexpr Stamp at(std::int64_t ms) noexcept {
  return Stamp{epoch + ms};
}

// It begins at 0. Whoever sleeps has slept at once, but where the test holds him.
class Time final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] Stamp wall() const override { return at(ms()); }
  [[nodiscard]] std::int64_t ms() const noexcept { return now_.time_since_epoch().count(); }
  void pass(Millis duration) { now_ += std::max(duration, Millis{0}); }

  Task<void> sleep(Millis duration, Stop& stop) override {
    if (stop.requested() || duration <= Millis::zero()) co_return;
    if (on_sleep) on_sleep();
    if (!holds || !holds(stop)) {
      pass(duration);
      co_return;
    }
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, std::chrono::steady_clock::time_point::max());
    held_ = &timer;
    const Stop::Subscription ends(stop, [this] { wake(); });
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    held_ = nullptr;
  }

  std::function<void()> on_sleep;  // before whoever asks sleeps
  // Whether whoever sleeps with this wish to stop does so until wake().
  std::function<bool(const Stop&)> holds;
  [[nodiscard]] bool held() const noexcept { return held_ != nullptr; }
  void wake() {
    if (held_ != nullptr) held_->cancel();
  }

 private:
  Instant now_{};
  boost::asio::steady_timer* held_ = nullptr;
};

}  // namespace kinto_mirror::sync::test
