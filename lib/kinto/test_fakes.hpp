#pragma once
// A server in a script and a clock without waiting, for the unit tests of this floor.

#include "kinto/server.hpp"
#include "kinto/status.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::kinto::test {

// Runs one coroutine to its end.
template <class T>
T run(Task<T> task) {
  boost::asio::io_context io;
  std::optional<T> out;
  boost::asio::co_spawn(io, std::move(task), [&out](const std::exception_ptr& error, T value) {
    if (error) std::rethrow_exception(error);
    out.emplace(std::move(value));
  });
  io.run();
  REQUIRE(out);
  return std::move(*out);
}

// Whoever sleeps has slept at once, and the clock has moved on.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] Stamp wall() const override { return Stamp{7}; }
  Task<void> sleep(Millis duration, Stop& stop) override {
    if (stop.requested() || duration <= Millis::zero()) co_return;
    slept.push_back(duration);
    if (on_sleep) on_sleep();
    if (!stop.requested()) now_ += duration;
  }

  void pass(Millis time) { now_ += time; }

  std::vector<Millis> slept;
  std::function<void()> on_sleep;

 private:
  Instant now_{Millis{1'000'000}};
};

struct Seen {
  http::Request request;
  Millis at;  // since the first request
};

// What the transport answers, in turn, and what it was asked.
struct Script {
  std::deque<Result<http::Response>> answers;
  std::vector<Seen> seen;
  bool takes_a_while = false;  // whoever asks waits, and the others go on meanwhile
  std::function<void()> on_answer;

  // What has a body of its own or headers is as that says; others are Kinto's, but for what
  // limiters and gateways say.
  Script& answer(int status) {
    const bool gateway = status == 429 || (status > 501 && status < 505);
    if (gateway || (status >= 300 && status < 400)) return answer(status, "");
    return answer(status,
                  status < 300 ? R"({"data":{"id":"x","last_modified":7}})" : R"({"errno":999})");
  }
  Script& answer(int status, std::string body, http::Headers headers = {}) {
    http::Response response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    answers.emplace_back(std::move(response));
    return *this;
  }
  // To the question how many records there are, which is asked in a batch.
  Script& counts(std::int64_t live, std::int64_t etag) {
    return answer(200, R"({"responses":[{"status":200,"body":{},"headers":{"ETag":"\")" +
                           std::to_string(etag) + R"(\"","Total-Objects":")" +
                           std::to_string(live) + R"("}}]})");
  }
  // To both of the questions below and above in one batch.
  Script& sees(std::int64_t live, std::int64_t etag) {
    return answer(200, R"({"responses":[{"status":200,"body":{},"headers":{"ETag":"\")" +
                           std::to_string(etag) + R"(\"","Total-Objects":")" +
                           std::to_string(live) +
                           R"("}},{"status":404,"body":{"errno":110},"headers":{}}]})");
  }
  // As whoever may read only a part is answered.
  Script& shows_a_part() {
    return answer(200, R"({"responses":[{"status":403,"body":{"errno":121},"headers":{}}]})");
  }
  // To the question for a record that is not there, as whoever may read all of them is answered.
  Script& shows_all() {
    return answer(200, R"({"responses":[{"status":404,"body":{"errno":110},"headers":{}}]})");
  }
  Script& fail(Errc code) {
    answers.emplace_back(Error(code, "told so by the script"));
    return *this;
  }
};

class ScriptedTransport final : public http::Transport {
 public:
  ScriptedTransport(Script& script, const Clock& clock)
      : script_(script), clock_(clock), begin_(clock.now()) {}

  ResultTask<http::Response> exchange(const http::Request& request) override {
    script_.seen.push_back({request, clock_.now() - begin_});
    if (script_.takes_a_while) {
      const auto executor = co_await boost::asio::this_coro::executor;
      co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
    if (script_.answers.empty()) co_return Error(Errc::internal, "the script has ended");
    if (script_.on_answer) script_.on_answer();
    auto answer = std::move(script_.answers.front());
    script_.answers.pop_front();
    co_return answer;
  }
  void abort() override {}
  [[nodiscard]] const http::Origin& origin() const noexcept override { return origin_; }

 private:
  Script& script_;
  const Clock& clock_;
  Instant begin_;
  http::Origin origin_{false, "replica.test", "80"};
};

// A Server with all that it needs.
class Bench {
 public:
  explicit Bench(std::function<void(const std::string&)> notice = {})
      : server(config(std::move(notice)), std::make_unique<ScriptedTransport>(script, clock), clock,
               stop) {}

  [[nodiscard]] const http::Request& request(std::size_t i) const {
    REQUIRE(i < script.seen.size());
    return script.seen[i].request;
  }
  [[nodiscard]] Millis at(std::size_t i) const {
    REQUIRE(i < script.seen.size());
    return script.seen[i].at;
  }

  FakeClock clock;
  Stop stop;
  Script script;
  Server server;

 private:
  static ServerConfig config(std::function<void(const std::string&)> notice) {
    ServerConfig config;
    config.notice = std::move(notice);
    config.name = "replica";
    config.url = "http://replica.test/v1";
    config.base_path = "/v1";
    config.authorization = "Basic dTpw";
    return config;
  }
};

}  // namespace kinto_mirror::kinto::test
