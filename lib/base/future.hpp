#pragma once
// A value that a coroutine, started now, gives later: reading ahead while something else is done.

#include "base/require.hpp"
#include "base/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace kinto_mirror {

// May be dropped before the value is there: the group still awaits the coroutine, so what that
// refers to must live as long as the group.
template <class T>
class Future {
 public:
  static Future start(TaskGroup& group, Task<T> task) {
    Future future;
    future.state_ = std::make_shared<State>(group.executor());
    group.spawn(run(future.state_, std::move(task)));
    return future;
  }

  // REQUIRES: called once.
  Task<T> get() {
    KINTO_MIRROR_REQUIRE(state_);
    const std::shared_ptr<State> state = std::move(state_);
    while (!state->value && !state->error) {
      [[maybe_unused]] const auto ignored =
          co_await state->ready.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    if (state->error) std::rethrow_exception(state->error);
    co_return std::move(*state->value);
  }

 private:
  struct State {
    explicit State(const boost::asio::any_io_executor& executor)
        : ready(executor, boost::asio::steady_timer::time_point::max()) {}
    boost::asio::steady_timer ready;  // cancelled when the value is there
    std::optional<T> value;
    std::exception_ptr error;
  };

  static Task<void> run(std::shared_ptr<State> state, Task<T> task) {
    try {
      state->value.emplace(co_await std::move(task));
    } catch (...) {
      state->error = std::current_exception();  // of whoever waits for the value
    }
    state->ready.cancel();
  }

  std::shared_ptr<State> state_;
};

// Two at once, such as one question to each of two servers; both have ended when it returns.
template <class A, class B>
Task<std::pair<A, B>> both(TaskGroup& group, Task<A> first, Task<B> second) {
  auto other = Future<B>::start(group, std::move(second));
  A one = co_await std::move(first);
  B two = co_await other.get();
  co_return std::pair<A, B>(std::move(one), std::move(two));
}

// What `make(0)` to `make(count - 1)` give, in this order; at most `most` of them run at a time.
template <class T, class Make>
Task<std::vector<T>> each_of(TaskGroup& group, std::size_t count, std::size_t most, Make make) {
  KINTO_MIRROR_REQUIRE(most > 0);
  std::vector<T> out;
  std::deque<Future<T>> running;
  for (std::size_t next = 0; next < count || !running.empty();) {
    if (next < count && running.size() < most) {
      running.push_back(Future<T>::start(group, make(next++)));
      continue;
    }
    out.push_back(co_await running.front().get());
    running.pop_front();
  }
  co_return out;
}

}  // namespace kinto_mirror
