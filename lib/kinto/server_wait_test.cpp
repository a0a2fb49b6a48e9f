// When a Server asks again, and when it leaves a server in peace. All on virtual time.
#include "kinto/server.hpp"
#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

using test::Bench;
using test::run;

const std::string empty_page = R"({"data":[]})";

Result<Page> list(Bench& bench) {
  return run(bench.server.list("/x", Listing()));
}

}  // namespace

TEST_CASE("the quickest answer since hello tells how far the server is") {
  Bench bench;
  std::deque<int> takes{90, 7, 40, 60, 50};
  bench.script.on_answer = [&bench, &takes] {
    bench.clock.pass(Millis{takes.front()});
    takes.pop_front();
  };
  const std::string root =
      R"({"project_version":"26.5.0","http_api_version":"1.23","settings":{}})";
  bench.script.answer(200, root).answer(200).answer(200).answer(200, root).answer(200);
  REQUIRE(run(bench.server.hello()).has_value());
  CHECK(bench.server.quickest() == Millis{90});
  REQUIRE(run(bench.server.object("/x")).has_value());
  REQUIRE(run(bench.server.object("/x")).has_value());
  CHECK(bench.server.quickest() == Millis{7});
  // Another address may be farther.
  REQUIRE(run(bench.server.hello()).has_value());
  CHECK(bench.server.quickest() == Millis{60});
  REQUIRE(run(bench.server.object("/x")).has_value());
  CHECK(bench.server.quickest() == Millis{50});
}

TEST_CASE("Backoff on any answer puts off the next request") {
  Bench bench;
  bench.script.answer(200, empty_page, {{"Backoff", "30"}}).answer(200, empty_page);
  CHECK(list(bench).has_value());
  CHECK(bench.clock.slept.empty());
  CHECK(list(bench).has_value());
  CHECK(bench.at(1) == Millis(30'000));
}

TEST_CASE("Backoff on a failure is obeyed too") {
  Bench bench;
  bench.script.answer(404, "", {{"backoff", "2"}}).answer(200, empty_page);
  CHECK_FALSE(list(bench).has_value());
  CHECK(list(bench).has_value());
  CHECK(bench.at(1) == Millis(2000));
}

TEST_CASE("a date is meant by the server's own clock") {
  for (const int status : {429, 503}) {
    CAPTURE(status);
    Bench bench;
    bench.script
        .answer(status, "",
                {{"Date", "Tue, 24 Nov 2026 03:48:49 GMT"},
                 {"Retry-After", "Tue, 24 Nov 2026 03:48:58 GMT"}})
        .answer(200, empty_page);
    CHECK(list(bench).has_value());
    CHECK(bench.at(1) == Millis(9000));
  }
  // Without one of its own, by what earlier answers told.
  Bench bench;
  bench.script.answer(200, empty_page, {{"Date", "Tue, 24 Nov 2026 03:48:49 GMT"}})
      .answer(200, empty_page, {{"Backoff", "Tuesday, 24-Nov-26 03:48:54 GMT"}})
      .answer(200, empty_page);
  for (int i = 0; i < 3; ++i) CHECK(list(bench).has_value());
  CHECK(bench.at(2) == Millis(5000));
}

TEST_CASE("the longer of two wishes counts") {
  Bench bench;
  bench.script.answer(503, "", {{"Retry-After", "3"}, {"Backoff", "7"}}).answer(200, empty_page);
  CHECK(list(bench).has_value());
  CHECK(bench.at(1) == Millis(7000));
}

TEST_CASE("Retry-After is obeyed where the server is overloaded, not where a record clashes") {
  for (const int status : {429, 500, 503}) {
    CAPTURE(status);
    Bench bench;
    bench.script.answer(status, "", {{"Retry-After", "3"}}).answer(200, empty_page);
    CHECK(list(bench).has_value());
    CHECK(bench.at(1) == Millis(3000));
  }
  Bench bench;
  bench.script.answer(409, "", {{"Retry-After", "3"}}).answer(200, empty_page);
  CHECK_FALSE(list(bench).has_value());
  CHECK(list(bench).has_value());
  CHECK(bench.at(1) == Millis(0));
  // What is too large now may not be so later.
  bench.script.answer(413, "", {{"Retry-After", "3"}}).answer(200, empty_page);
  CHECK_FALSE(list(bench).has_value());
  CHECK(list(bench).has_value());
  CHECK(bench.at(3) == Millis(3000));
}

TEST_CASE("a transient failure is tried again, after waits that grow") {
  Bench bench;
  bench.script.answer(500)
      .fail(Errc::unreachable)
      .answer(503, R"({"errno":201})")
      .answer(200, empty_page);
  CHECK(list(bench).has_value());
  REQUIRE(bench.clock.slept.size() == 3);
  CHECK(bench.clock.slept[0] >= Millis(125));
  CHECK(bench.clock.slept[0] <= Millis(250));
  CHECK(bench.clock.slept[1] >= Millis(250));
  CHECK(bench.clock.slept[1] <= Millis(500));
  CHECK(bench.clock.slept[2] >= Millis(500));
  CHECK(bench.clock.slept[2] <= Millis(1000));
}

TEST_CASE("patience ends: no attempt begins after it") {
  Bench bench;
  for (int i = 0; i < 100; ++i) bench.script.answer(503, R"({"errno":201,"message":"overloaded"})");
  const auto page = list(bench);
  REQUIRE(page.has_error());
  CHECK(page.error().code == Errc::failing);
  CHECK(page.error().status == 503);
  CHECK(page.error().message.find("overloaded") != std::string::npos);
  CHECK(bench.script.seen.size() > 4);
  CHECK(bench.script.seen.size() < 20);
  CHECK(bench.script.seen.back().at <= Millis(10'000));
}

TEST_CASE("a server that asks for more than our patience is not asked again") {
  Bench bench;
  bench.script.answer(503, "", {{"Retry-After", "11"}}).answer(200, empty_page);
  CHECK_FALSE(list(bench).has_value());
  CHECK(bench.script.seen.size() == 1);
  CHECK(bench.clock.slept.empty());
}

TEST_CASE("a failing server that asked for long peace is not waited for") {
  Bench bench;
  bench.script.answer(503, "", {{"Retry-After", "300"}}).answer(200, empty_page);
  CHECK_FALSE(list(bench).has_value());
  CHECK(bench.server.closed_for() == Millis(300'000));
  const auto again = list(bench);
  REQUIRE(again.has_error());
  CHECK(again.error().code == Errc::failing);
  CHECK(bench.script.seen.size() == 1);
  CHECK(bench.clock.slept.empty());
}

TEST_CASE("a server that works and asks for long peace is waited for") {
  Bench bench;
  bench.script.answer(200, empty_page, {{"Backoff", "120"}}).answer(200, empty_page);
  CHECK(list(bench).has_value());
  CHECK(bench.server.closed_for() == Millis(0));
  CHECK(list(bench).has_value());
  CHECK(bench.at(1) == Millis(120'000));
}

TEST_CASE("whoever must be done in time does not wait for long peace") {
  Bench bench;
  bench.server.set_longest_wait(Millis(40'000));
  bench.script.answer(200, empty_page, {{"Backoff", "41"}}).answer(200, empty_page);
  CHECK(list(bench).has_value());
  const auto page = list(bench);
  REQUIRE(page.has_error());
  CHECK(page.error().code == Errc::failing);
  CHECK(page.error().message.find("for another 41 s") != std::string::npos);
  CHECK(bench.clock.slept.empty());
}

TEST_CASE("patience can be set") {
  Bench bench;
  bench.server.set_patience(Millis(0));
  bench.script.fail(Errc::unreachable).answer(200, empty_page);
  CHECK_FALSE(list(bench).has_value());
  CHECK(bench.script.seen.size() == 1);
}

TEST_CASE("what will not go away by itself is not tried again") {
  for (const Errc code : {Errc::untrusted, Errc::not_kinto, Errc::too_large, Errc::stopped}) {
    Bench bench;
    bench.script.fail(code).answer(200, empty_page);
    const auto page = list(bench);
    REQUIRE(page.has_error());
    CHECK(page.error().code == code);
    CHECK(page.error().message.find("told so by the script") != std::string::npos);
    CHECK(bench.script.seen.size() == 1);
  }
}

TEST_CASE("a heartbeat is asked once, and only a good answer is health") {
  for (const int status : {200, 404, 503}) {
    CAPTURE(status);
    Bench bench;
    bench.script.answer(status);
    CHECK(run(bench.server.healthy()) == (status == 200));
    CHECK(bench.script.seen.size() == 1);
    CHECK(bench.request(0).target == "/v1/__heartbeat__");
  }
  Bench bench;
  bench.script.fail(Errc::unreachable);
  CHECK_FALSE(run(bench.server.healthy()));
  CHECK(bench.script.seen.size() == 1);
}

TEST_CASE("a stop ends the wait between two attempts") {
  Bench bench;
  for (int i = 0; i < 10; ++i) bench.script.fail(Errc::unreachable);
  bench.clock.on_sleep = [&bench] { bench.stop.request(); };
  CHECK_FALSE(list(bench).has_value());
  CHECK(bench.clock.slept.size() == 1);
  CHECK(bench.script.seen.size() == 1);
}

TEST_CASE("a stop ends the wait that the server asked for, and nothing is sent after it") {
  Bench bench;
  bench.script.answer(200, empty_page, {{"Backoff", "300"}}).answer(200, empty_page);
  CHECK(list(bench).has_value());
  bench.clock.on_sleep = [&bench] { bench.stop.request(); };
  for (int i = 0; i < 2; ++i) {  // the second finds the stop as it comes
    const auto page = list(bench);
    REQUIRE(page.has_error());
    CHECK(page.error().code == Errc::stopped);
  }
  CHECK(bench.clock.slept.size() == 1);
  CHECK(bench.script.seen.size() == 1);
}

TEST_CASE("during a stop a server that asked for nothing still gets its requests") {
  Bench bench;
  bench.script.answer(200, empty_page);
  bench.stop.request();
  CHECK(list(bench).has_value());
}

}  // namespace kinto_mirror::kinto
