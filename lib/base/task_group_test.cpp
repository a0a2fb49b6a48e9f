#include "base/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>

namespace kinto_mirror {
namespace {

namespace asio = boost::asio;

Task<void> sleep_ms(int ms) {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(ms));
  co_await timer.async_wait(asio::use_awaitable);
}

// Runs `test` to its end, and fails it after 10 s.
void run_bounded(const std::function<Task<void>(TaskGroup&)>& test) {
  asio::io_context context;
  TaskGroup group(context.get_executor());
  bool done = false;
  std::exception_ptr thrown;
  asio::co_spawn(context, test(group), [&](const std::exception_ptr& error) {
    done = true;
    thrown = error;
  });
  context.run_for(std::chrono::seconds(10));
  if (thrown) std::rethrow_exception(thrown);
  REQUIRE_MESSAGE(done, "the test hangs");
}

struct Gauge {
  int running = 0;
  int most = 0;
  int finished = 0;
};

Task<void> work(Gauge& gauge, int ms) {
  ++gauge.running;
  gauge.most = std::max(gauge.most, gauge.running);
  co_await sleep_ms(ms);
  --gauge.running;
  ++gauge.finished;
}

Task<void> fail(const char* what, int ms) {
  co_await sleep_ms(ms);
  throw std::runtime_error(what);
}

TEST_CASE("join of an empty group returns at once") {
  run_bounded([](TaskGroup& group) -> Task<void> {
    co_await group.join();
    CHECK(group.running() == 0);
  });
}

TEST_CASE("join waits for every child, and the group can be used again") {
  Gauge gauge;
  run_bounded([&gauge](TaskGroup& group) -> Task<void> {
    for (const int ms : {15, 1, 30, 0}) group.spawn(work(gauge, ms));
    CHECK(group.running() == 4);
    co_await group.join();
    CHECK(group.running() == 0);
    CHECK(gauge.finished == 4);
    CHECK(gauge.most == 4);

    group.spawn(work(gauge, 1));
    co_await group.join();
    CHECK(gauge.finished == 5);
  });
}

TEST_CASE("wait_below bounds how many run at once") {
  Gauge gauge;
  run_bounded([&gauge](TaskGroup& group) -> Task<void> {
    for (int i = 0; i < 9; ++i) {
      co_await group.wait_below(3);
      CHECK(group.running() < 3);
      group.spawn(work(gauge, 1 + i % 3));
    }
    co_await group.join();
  });
  CHECK(gauge.finished == 9);
  CHECK(gauge.most == 3);
}

TEST_CASE("join rethrows the first exception, when all children are done") {
  Gauge gauge;
  std::string message;
  run_bounded([&](TaskGroup& group) -> Task<void> {
    group.spawn(fail("second", 20));
    group.spawn(fail("first", 1));
    group.spawn(work(gauge, 40));
    try {
      co_await group.join();
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    CHECK(group.running() == 0);
    co_await group.join();  // an exception comes out once
  });
  CHECK(message == "first");
  CHECK(gauge.finished == 1);
}

TEST_CASE("wait_below returns when a child fails, and leaves its exception to join") {
  bool thrown = false;
  run_bounded([&thrown](TaskGroup& group) -> Task<void> {
    group.spawn(fail("oops", 1));
    co_await group.wait_below(1);
    CHECK(group.running() == 0);
    try {
      co_await group.join();
    } catch (const std::runtime_error&) {
      thrown = true;
    }
  });
  CHECK(thrown);
}

TEST_CASE("several may wait for one group") {
  Gauge gauge;
  int returned = 0;
  run_bounded([&](TaskGroup& group) -> Task<void> {
    group.spawn(work(gauge, 10));
    TaskGroup waiters(co_await asio::this_coro::executor);
    const auto wait = [&group, &returned]() -> Task<void> {
      co_await group.join();
      ++returned;
    };
    waiters.spawn(wait());
    waiters.spawn(wait());
    co_await waiters.join();
  });
  CHECK(returned == 2);
}

}  // namespace
}  // namespace kinto_mirror
