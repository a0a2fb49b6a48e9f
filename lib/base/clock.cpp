#include "base/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kinto_mirror {

namespace asio = boost::asio;

Instant SystemClock::now() const {
  return std::chrono::time_point_cast<Millis>(std::chrono::steady_clock::now());
}

Stamp SystemClock::wall() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Stamp{std::chrono::duration_cast<Millis>(since_epoch).count()};
}

Task<void> SystemClock::sleep(Millis duration, Stop& stop) {
  if (stop.requested() || duration <= Millis::zero()) co_return;
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  const Stop::Subscription wake(stop, [&timer] { timer.cancel(); });
  // The error says only whether the timer ran out or was cancelled; the caller asks `stop`.
  [[maybe_unused]] const auto ignored =
      co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace kinto_mirror
