#include "daemon/signals.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace kinto_mirror::daemon {

namespace {

// What a child process that runs `body` ends with: its exit code, or 1000 + the signal.
template <class Body>
int end_of_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);  // a hang is a failure
    body();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("the first signal asks to stop, and run() returns when nobody listens any more") {
  boost::asio::io_context context;
  int got = 0;
  {
    auto signals = std::make_unique<Signals>(context, [&](int signal) { got = signal; });
    ::raise(SIGTERM);
    while (got == 0) REQUIRE(context.run_one_for(std::chrono::seconds(10)) == 1);
    CHECK(got == SIGTERM);
    CHECK(context.poll() == 0);
    CHECK(!context.stopped());
  }
  context.run_for(std::chrono::seconds(10));
  CHECK(context.stopped());
}

TEST_CASE("the callback may end the object") {
  boost::asio::io_context context;
  std::unique_ptr<Signals> signals;
  signals = std::make_unique<Signals>(context, [&](int) { signals.reset(); });
  ::raise(SIGINT);
  context.run_for(std::chrono::seconds(10));
  CHECK(!signals);
  CHECK(context.stopped());
}

TEST_CASE("a second signal ends the process at once, also when the loop is stuck") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const int end = end_of_child([&] {
      boost::asio::io_context context;
      const Signals signals(context, [&](int) {
        ::raise(signal);
        for (;;) ::pause();
      });
      ::raise(SIGTERM);
      context.run();
    });
    CHECK(end == 128 + signal);
  }
}

TEST_CASE("two signals in a row, before the loop sees the first") {
  const int end = end_of_child([] {
    boost::asio::io_context context;
    const Signals signals(context, [](int) {});
    ::raise(SIGTERM);
    ::raise(SIGTERM);
    context.run();
  });
  CHECK(end == 128 + SIGTERM);
}

TEST_CASE("afterwards the signals mean what they always mean") {
  const int end = end_of_child([] {
    boost::asio::io_context context;
    {
      const Signals signals(context, [](int) {});
    }
    ::raise(SIGTERM);
  });
  CHECK(end == 1000 + SIGTERM);
}

TEST_CASE("a closed pipe does not end the process") {
  const int end = end_of_child([] {
    ignore_broken_pipes();
    int ends[2];
    if (::pipe(ends) != 0) ::_exit(1);
    ::close(ends[0]);
    ::_exit(::write(ends[1], "x", 1) == -1 ? 7 : 2);
  });
  CHECK(end == 7);
}

}  // namespace kinto_mirror::daemon
