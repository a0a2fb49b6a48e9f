#include "base/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kinto_mirror {

namespace asio = boost::asio;

TaskGroup::TaskGroup(const asio::any_io_executor& executor)
    : executor_(executor), changed_(executor) {
  changed_.expires_at(asio::steady_timer::time_point::max());
}

void TaskGroup::spawn(Task<void> task) {
  ++running_;
  asio::co_spawn(executor_, std::move(task), [this](const std::exception_ptr& error) {
    if (error && !first_exception_) first_exception_ = error;
    --running_;
    changed_.cancel();
  });
}

Task<void> TaskGroup::wait_for_change() {
  [[maybe_unused]] const auto ignored =
      co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
}

Task<void> TaskGroup::wait_below(int limit) {
  while (running_ >= limit) co_await wait_for_change();
}

Task<void> TaskGroup::join() {
  while (running_ > 0) co_await wait_for_change();
  if (first_exception_) std::rethrow_exception(std::exchange(first_exception_, nullptr));
}

}  // namespace kinto_mirror
