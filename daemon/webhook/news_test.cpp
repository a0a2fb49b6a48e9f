#include "daemon/webhook/news.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::daemon {

namespace {

namespace json = boost::json;

struct Bench {
  SecretGuard guard;
  int woken = 0;
  WebhookNews news{guard, [this] { ++woken; }};

  void pass(const std::string& name, sync::State state, std::int64_t created = 0,
            sync::PassKind kind = sync::PassKind::follow) {
    sync::CollectionReport report;
    report.id = CollectionId("b", name);
    report.state = state;
    report.kind = kind;
    report.written.created = created;
    if (state == sync::State::failed) report.error = Error(Errc::forbidden, "may not: s3cret");
    news.pass_done("eu", report);
  }

  // One list of the message.
  std::string told(std::string_view list) {
    const json::value message = json::parse(news.take(Stamp{1'764'518'400'123}));
    return json::serialize(message.at("data").at(json::string_view(list)));
  }
};

}  // namespace

TEST_CASE("changes of one collection add up, and wake once") {
  Bench bench;
  bench.pass("c", sync::State::in_sync, 2);
  bench.pass("c", sync::State::in_sync, 3);
  CHECK(bench.woken == 1);
  CHECK(bench.told("changed") ==
        R"([{"replica":"eu","collection":"b/c","created":5,"updated":0,"deleted":0}])");
  CHECK_FALSE(bench.news.any());
  CHECK(bench.told("changed") == "[]");
}

TEST_CASE("a message says what it is, and when") {
  Bench bench;
  CHECK(bench.news.take(Stamp{1'764'518'400'123}) ==
        R"({"type":"kinto-mirror.news","timestamp":"2025-11-30T16:00:00.123Z","data":)"
        R"({"changed":[],"containers":[],"in_sync":[],"needs_hand":[],"omitted":0}})");
}

TEST_CASE("what was in order at the start has not come in sync") {
  Bench bench;
  bench.pass("c", sync::State::in_sync);
  CHECK_FALSE(bench.news.any());
  bench.pass("c", sync::State::different);
  bench.pass("c", sync::State::not_compared);
  CHECK_FALSE(bench.news.any());
  bench.pass("c", sync::State::in_sync);
  CHECK(bench.told("in_sync") == R"([{"replica":"eu","collection":"b/c"}])");
}

TEST_CASE("a first load has come in sync") {
  Bench bench;
  bench.pass("c", sync::State::in_sync, 1, sync::PassKind::load);
  CHECK(bench.told("in_sync") == R"([{"replica":"eu","collection":"b/c"}])");
}

TEST_CASE("a hand is asked for once, until it is well or otherwise wrong") {
  Bench bench;
  bench.guard.add({"s3cret"});
  bench.pass("c", sync::State::failed);
  bench.pass("c", sync::State::failed);
  const std::string told = bench.told("needs_hand");
  CHECK(told.find(R"("collection":"b/c","state":"failed","reason":"may not: )") !=
        std::string::npos);
  CHECK(told.find("s3cret") == std::string::npos);
  bench.pass("c", sync::State::failed);
  CHECK_FALSE(bench.news.any());
  bench.pass("c", sync::State::brake);
  bench.pass("c", sync::State::in_sync);
  CHECK(bench.told("needs_hand") == "[]");
}

TEST_CASE("a replica that turns the daemon away needs a hand, one that is down does not") {
  Bench bench;
  bench.news.round_failed("eu", Error(Errc::unreachable, "down"), Millis{1});
  CHECK_FALSE(bench.news.any());
  bench.news.round_worked("eu", 3);
  CHECK(bench.told("in_sync") == R"([{"replica":"eu"}])");
  bench.news.round_failed("eu", Error(Errc::credentials, "wrong password"), Millis{1});
  CHECK(bench.told("needs_hand") ==
        R"([{"replica":"eu","state":"credentials refused","reason":"wrong password"}])");
}

TEST_CASE("what did not arrive is told with what comes next, where it is still so") {
  Bench bench;
  bench.pass("a", sync::State::brake);
  bench.pass("b", sync::State::brake);
  bench.pass("c", sync::State::in_sync, 2);
  (void)bench.news.take(Stamp{1});
  bench.news.take_back();
  CHECK_FALSE(bench.news.any());  // nothing new: nobody is called for it alone
  bench.pass("b", sync::State::in_sync);
  bench.pass("c", sync::State::in_sync, 1);
  const json::value data = json::parse(bench.news.take(Stamp{1})).at("data");
  CHECK(data.at("needs_hand").as_array().size() == 1);
  CHECK(data.at("needs_hand").at(0).at("collection") == "b/a");
  CHECK(data.at("changed").at(0).at("created") == 3);
  bench.news.forget();
  bench.news.take_back();
  bench.pass("d", sync::State::in_sync, 1);
  CHECK(json::parse(bench.news.take(Stamp{1})).at("data").at("changed").as_array().size() == 1);
}

TEST_CASE("of more than there is room for the number is told") {
  Bench bench;
  for (std::size_t i = 0; i < WebhookNews::max_told + 2; ++i) {
    bench.pass(std::to_string(i), sync::State::in_sync, 1);
  }
  bench.pass("0", sync::State::in_sync, 1);
  CHECK(bench.told("omitted") == "2");
}

}  // namespace kinto_mirror::daemon
