#pragma once
// Children that are awaited: whoever starts coroutines side by side leaves only when all are done.

#include "base/task.hpp"

#include <boost/asio/steady_timer.hpp>

#include <exception>

namespace kinto_mirror {

// REQUIRES: join() has been awaited before the group is destroyed; one thread.
class TaskGroup {
 public:
  explicit TaskGroup(const boost::asio::any_io_executor& executor);

  // Starts `task` on the group's executor. What it refers to must live until it has been joined.
  void spawn(Task<void> task);

  [[nodiscard]] int running() const noexcept { return running_; }
  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

  // Returns when fewer than `limit` children run: the bound on parallel work.
  Task<void> wait_below(int limit);

  // Returns when no child runs. Rethrows the first exception of a child: a bug, not a failure.
  Task<void> join();

 private:
  Task<void> wait_for_change();

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer changed_;
  int running_ = 0;
  std::exception_ptr first_exception_;
};

}  // namespace kinto_mirror
