#pragma once
// Runs coroutines to their end on the calling thread, with a bound on every wait, so that scenarios
// are plain code that goes from top to bottom.

#include "base/clock.hpp"
#include "base/stop.hpp"
#include "base/task.hpp"
#include "selftest/interrupt.hpp"

#include <boost/asio/io_context.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace kinto_mirror::selftest {

class TimedOut : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// After TimedOut or Interrupted, a loop and what runs on it are at their end: stop() is requested.
class Loop {
 public:
  // A coroutine under way.
  struct Run {
    bool done = false;
    std::exception_ptr error;
  };

  // `interrupt` may be null: clean-up is not to be interrupted.
  Loop(const Interrupt* interrupt, Millis limit);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] boost::asio::any_io_executor executor() { return context_->get_executor(); }
  [[nodiscard]] Stop& stop() noexcept { return stop_; }
  // What ends the exchanges in flight when a stop alone does not help.
  void on_abort(std::function<void()> abort) { abort_ = std::move(abort); }

  std::shared_ptr<Run> start(Task<void> task);

  // Runs until the coroutine has ended, or for `slice`, whichever comes first.
  void turn(const Run& run, Millis slice);

  // Waits for the coroutine's end. Throws what it threw; Interrupted; TimedOut when the loop's
  // limit has passed.
  void finish(const Run& run);

  // Asks for a stop, and waits for the coroutine's end with a bound of its own. False when it did
  // not come: the coroutine is then never resumed.
  bool end(const Run& run);

  template <class T>
  T run(Task<T> task) {
    const auto value = std::make_shared<std::optional<T>>();
    const auto under_way = start(into(value, std::move(task)));
    finish(*under_way);
    return std::move(**value);
  }

 private:
  template <class T>
  static Task<void> into(std::shared_ptr<std::optional<T>> value, Task<T> task) {
    value->emplace(co_await std::move(task));
  }

  const Interrupt* interrupt_;
  Millis limit_;
  std::unique_ptr<boost::asio::io_context> context_;
  Stop stop_;
  std::function<void()> abort_;
  bool stuck_ = false;
};

}  // namespace kinto_mirror::selftest
