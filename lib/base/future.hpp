#pragma once
// A value that a coroutine, started now, gives later: reading ahead while something else is done.

#include "base/require.hpp"
#include "base/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

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

}  // namespace kinto_mirror
