#include "selftest/loop.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <chrono>
#include <string>

namespace kinto_mirror::selftest {

namespace {

// How long a signal may go unseen.
constexpr Millis slice{50};
// For a coroutine that was asked to stop; then for one whose exchanges were aborted.
constexpr Millis grace{7'000};

using SteadyClock = std::chrono::steady_clock;

}  // namespace

Loop::Loop(const Interrupt* interrupt, Millis limit)
    : interrupt_(interrupt),
      limit_(limit),
      context_(std::make_unique<boost::asio::io_context>(1)) {}

Loop::~Loop() {
  // A coroutine that does not end refers to what is being destroyed: it is left where it is.
  if (stuck_) static_cast<void>(context_.release());
}

std::shared_ptr<Loop::Run> Loop::start(Task<void> task) {
  auto run = std::make_shared<Run>();
  boost::asio::co_spawn(*context_, std::move(task), [run](const std::exception_ptr& error) {
    run->error = error;
    run->done = true;
  });
  return run;
}

void Loop::turn(const Run& run, Millis time) {
  const auto end = SteadyClock::now() + time;
  while (!run.done && SteadyClock::now() < end) {
    context_->restart();
    context_->run_one_until(end);
  }
}

void Loop::finish(const Run& run) {
  const auto deadline = SteadyClock::now() + limit_;
  const auto interrupted = [this] { return interrupt_ != nullptr && interrupt_->requested(); };
  while (!run.done && !interrupted() && SteadyClock::now() < deadline) turn(run, slice);
  if (!run.done) {
    end(run);
    if (interrupted()) throw Interrupted();
    throw TimedOut("no end within " + std::to_string(limit_.count() / 1000) + " s");
  }
  if (run.error) std::rethrow_exception(run.error);
  if (interrupted()) throw Interrupted();
}

bool Loop::end(const Run& run) {
  stop_.request();
  turn(run, grace);
  if (!run.done && abort_) {
    abort_();
    turn(run, grace);
  }
  if (!run.done) stuck_ = true;
  return run.done;
}

}  // namespace kinto_mirror::selftest
