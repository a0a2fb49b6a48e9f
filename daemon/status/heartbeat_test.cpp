#include "daemon/status/heartbeat.hpp"

#include "daemon/status/ask.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

struct Fixture {
  boost::asio::io_context context;
  SystemClock clock;
  int asked = 0;
  Millis takes{0};
  bool good = true;

  ResultTask<void> answer() {
    ++asked;
    Stop never;
    co_await clock.sleep(takes, never);
    if (good) co_return success();
    co_return Error(Errc::credentials, "replica http://b/v1: 401, no");
  }

  std::vector<HealthCheck> checks() {
    return {{"master", "http://a/v1", [] { return fine(); }},
            {"replica", "http://b/v1", [this] { return answer(); }}};
  }

  static ResultTask<void> fine() { co_return success(); }

  template <class Test>
  void run(HeartbeatLimits limits, Test test) {
    Heartbeat heartbeat(context.get_executor(), clock, checks(), limits);
    bool ended = false;
    std::exception_ptr failure;
    boost::asio::co_spawn(context, both(heartbeat, test), [&](const std::exception_ptr& error) {
      failure = error;
      ended = true;
    });
    context.run_for(std::chrono::seconds(10));
    if (failure) std::rethrow_exception(failure);
    CHECK(ended);
  }

  template <class Test>
  static Task<void> both(Heartbeat& heartbeat, Test& test) {
    co_await test(heartbeat);
    heartbeat.close();
    co_await heartbeat.join();
  }
};

constexpr HeartbeatLimits short_limits{Millis{200}, Millis{100}};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an answer is good for a while, and then asked for anew") {
  run(short_limits, [this](Heartbeat& heartbeat) -> Task<void> {
    const Health first = co_await heartbeat.health();
    CHECK(first.ok());
    good = false;
    const Health second = co_await heartbeat.health();
    CHECK(second.ok());
    CHECK(asked == 1);
    Stop never;
    co_await clock.sleep(Millis{220}, never);
    const Health third = co_await heartbeat.health();
    CHECK(!third.ok());
    CHECK(!third.servers[0].error);
    CHECK(third.servers[1].error->message == "replica http://b/v1: 401, no");
    CHECK(asked == 2);
  });
}

TEST_CASE_FIXTURE(Fixture, "all who ask at once share one check") {
  takes = Millis{50};
  run(short_limits, [this](Heartbeat& heartbeat) -> Task<void> {
    TaskGroup group(context.get_executor());
    int healthy = 0;
    for (int i = 0; i < 10; ++i) {
      group.spawn([](Heartbeat& asked_one, int& count) -> Task<void> {
        const Health health = co_await asked_one.health();
        if (health.ok()) ++count;
      }(heartbeat, healthy));
    }
    co_await group.join();
    CHECK(healthy == 10);
    CHECK(asked == 1);
  });
}

TEST_CASE_FIXTURE(Fixture,
                  "a server that takes too long has failed, and is not asked twice at once") {
  takes = Millis{500};
  run(short_limits, [this](Heartbeat& heartbeat) -> Task<void> {
    const Instant begin = clock.now();
    const Health health = co_await heartbeat.health();
    CHECK(clock.now() - begin < Millis{400});
    CHECK(!health.ok());
    CHECK(!health.servers[0].error);
    CHECK(health.servers[1].error->message == "replica http://b/v1: no answer within 0 s");
    Stop never;
    co_await clock.sleep(Millis{220}, never);
    const Health again = co_await heartbeat.health();
    CHECK(!again.ok());
    CHECK(asked == 1);
    co_await clock.sleep(Millis{300}, never);  // it came after all, and is older than it may be
    takes = Millis{0};
    const Health late = co_await heartbeat.health();
    CHECK(late.ok());
    CHECK(asked == 2);
  });
}

TEST_CASE_FIXTURE(Fixture, "close() lets go who waits") {
  takes = Millis{300};
  run({Millis{5'000}, Millis{60'000}}, [this](Heartbeat& heartbeat) -> Task<void> {
    TaskGroup group(context.get_executor());
    bool got = false;
    group.spawn([](Heartbeat& asked_one, bool& done) -> Task<void> {
      const Health health = co_await asked_one.health();
      done = !health.ok();
    }(heartbeat, got));
    Stop never;
    co_await clock.sleep(Millis{20}, never);
    heartbeat.close();
    co_await group.join();
    CHECK(got);
  });
}

TEST_CASE("the page, and the line that is made of it") {
  Health health;
  health.servers.push_back({"master", "http://a/v1", std::nullopt});
  health.servers.push_back({"replica", "http://b/v1", std::nullopt});
  CHECK(heartbeat_json(health) ==
        "{\"status\":\"ok\",\"checks\":{\"master\":\"ok\",\"replica\":\"ok\"},\"details\":{"
        "\"master\":{\"url\":\"http://a/v1\"},\"replica\":{\"url\":\"http://b/v1\"}}}\n");
  CHECK(health_line(200, heartbeat_json(health)) ==
        "healthy: master http://a/v1; replica http://b/v1");
  health.servers[1].error = Error(Errc::credentials, "replica http://b/v1: 401,\nno");
  CHECK(heartbeat_json(health).find("\"replica\":\"error\"") != std::string::npos);
  CHECK(health_line(503, heartbeat_json(health)) == "unhealthy: replica http://b/v1: 401,\\nno");
  CHECK(health_line(503, "too many connections") == "unhealthy: the heartbeat answers 503");
  CHECK(health_line(404, "{}") == "unhealthy: the heartbeat answers 404");
}

}  // namespace kinto_mirror::daemon
