#include "daemon/log_sink.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>

namespace kinto_mirror::daemon {

namespace {

using std::chrono::milliseconds;

// A pipe of one page, whose reader reads when it is told to.
class Pipe {
 public:
  Pipe() {
    REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0);
    REQUIRE(::fcntl(ends_[1], F_SETPIPE_SZ, 4096) == 4096);
  }
  ~Pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int in() const { return ends_[1]; }

  // What comes until `last` does, or for five seconds.
  [[nodiscard]] std::string read_until(const std::string& last) const {
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    std::string text;
    const auto deadline = std::chrono::steady_clock::now() + milliseconds{5'000};
    while (text.find(last) == std::string::npos && std::chrono::steady_clock::now() < deadline) {
      std::array<char, 4096> piece{};
      const ssize_t got = ::read(ends_[0], piece.data(), piece.size());
      if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
      if (got < 0) std::this_thread::sleep_for(milliseconds{1});
    }
    return text;
  }

 private:
  std::array<int, 2> ends_{};
};

std::string line_of(std::size_t number) {
  return "line " + std::to_string(number) + std::string(90, '.') + "\n";
}

std::string dropped_line(std::size_t count) {
  return "dropped " + std::to_string(count) + "\n";
}

}  // namespace

TEST_CASE("lines come out in order, and drain waits for them") {
  const Pipe pipe;
  LogQueue queue(pipe.in(), dropped_line);
  queue.push("one\n");
  queue.push("two\n");
  CHECK(queue.drain(milliseconds{5'000}));
  CHECK(queue.idle());
  CHECK(pipe.read_until("two\n") == "one\ntwo\n");
}

TEST_CASE("a pipe that nobody reads holds nobody up, and the gap is told where it is") {
  const Pipe pipe;
  LogQueue queue(pipe.in(), dropped_line);
  const std::size_t lines = 10 * LogQueue::max_lines;
  for (std::size_t i = 1; i <= lines; ++i) queue.push(line_of(i));
  CHECK(!queue.idle());
  CHECK(!queue.drain(milliseconds{10}));

  const std::string text = pipe.read_until(line_of(lines));
  REQUIRE(text.ends_with(line_of(lines)));
  // Each line was written or is counted as dropped.
  std::size_t dropped = 0;
  std::size_t notes = 0;
  for (auto at = text.find("dropped "); at != std::string::npos; at = text.find("dropped ", at)) {
    at += std::string("dropped ").size();
    dropped += std::stoul(text.substr(at));
    ++notes;
  }
  CHECK(dropped > 8 * LogQueue::max_lines);
  const auto written = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  CHECK(dropped + written - notes == lines);
  CHECK(queue.drain(milliseconds{5'000}));
}

TEST_CASE("the end does not wait for a reader that never comes") {
  const Pipe pipe;
  const auto begin = std::chrono::steady_clock::now();
  {
    LogQueue queue(pipe.in(), dropped_line);
    for (std::size_t i = 1; i <= 200; ++i) queue.push(line_of(i));
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took < milliseconds{4'000});
  const std::string rest = pipe.read_until(line_of(200));  // lets the thread go on
  CHECK(rest.ends_with(line_of(200)));
}

TEST_CASE("a pipe whose reader went away is no trouble") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  ::close(ends[0]);
  {
    LogQueue queue(ends[1], dropped_line);
    queue.push("nobody hears\n");
    CHECK(queue.drain(milliseconds{5'000}));
  }
  ::close(ends[1]);
}

}  // namespace kinto_mirror::daemon
