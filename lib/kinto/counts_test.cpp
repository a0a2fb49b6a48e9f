// Counts where HEAD or batches are refused on their way, or HEAD's answers are not Kinto's.
#include "kinto/server.hpp"
#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

using test::Bench;
using test::run;

const std::string path = "/buckets/b/collections/c/records";
const std::string two = R"({"data":[{"id":"a","last_modified":1},{"id":"b","last_modified":2}]})";
const std::string none = R"({"data":[]})";
const std::string one = R"({"data":[{"id":"a","last_modified":1}]})";

void let_pass(Bench& bench, Millis time) {
  const auto passed = run([](Bench& on, Millis wait) -> ResultTask<void> {
    co_await on.clock.sleep(wait, on.stop);
    co_return success();
  }(bench, time));
  REQUIRE(passed.has_value());
}

// Answers to the requests of a count by listing, the first of which asks for one object.
void lists(Bench& bench, const std::vector<std::string>& pages, int etag = 9) {
  for (const std::string& page : pages) {
    bench.script.answer(200, page, {{"ETag", '"' + std::to_string(etag) + '"'}});
  }
}

struct NoticingBench : Bench {
  NoticingBench() : Bench([this](const std::string& text) { notices.push_back(text); }) {}
  std::vector<std::string> notices;
};

}  // namespace

TEST_CASE("where HEAD is refused or its count is dropped, objects are listed to count them") {
  struct Head {
    int status;
    http::Headers headers;
  };
  for (const Head& head : {Head{405, {}}, Head{501, {}}, Head{400, {}}, Head{403, {}},
                           Head{200, {{"ETag", "\"9\""}}}}) {
    CAPTURE(head.status);
    NoticingBench bench;
    bench.script.answer(405, "", {}).answer(head.status, "", head.headers);
    lists(bench, {one, two, none});
    const auto count = run(bench.server.count(path));
    REQUIRE(count.has_value());
    CHECK(count->live == 2);
    CHECK(count->etag == Stamp{9});
    CHECK(bench.request(1).method == "HEAD");
    CHECK(bench.request(2).target == "/v1" + path + "?_limit=1");
    CHECK(bench.request(3).target == "/v1" + path + "?_sort=id&_fields=deleted");
    CHECK(bench.request(4).target == "/v1" + path + "?_sort=id&gt_id=%22b%22&_fields=deleted");
    REQUIRE(bench.notices.size() == 1);
    CHECK(bench.notices[0].find("HEAD " + path) != std::string::npos);
    CHECK(bench.notices[0].find("writable") == std::string::npos);
    // Neither is tried a second time, nor told.
    lists(bench, {one, two, none});
    CHECK(run(bench.server.count(path))->live == 2);
    CHECK(bench.request(5).method == "GET");
    CHECK(bench.notices.size() == 1);
  }
}

TEST_CASE("HEAD and batches that were refused are tried again after some minutes") {
  Bench bench;
  bench.script.answer(403).answer(403);
  lists(bench, {one, two, none});
  CHECK(run(bench.server.count(path))->live == 2);
  let_pass(bench, Millis{299'000});
  lists(bench, {one, two, none});
  CHECK(run(bench.server.count(path))->live == 2);
  let_pass(bench, Millis{1'000});
  bench.script.counts(2, 9);
  CHECK(run(bench.server.count(path))->live == 2);
  CHECK(bench.script.seen.back().request.method == "POST");
}

TEST_CASE("the total that old Kintos give with a GET spares the listing") {
  Bench bench;
  bench.script.answer(405).answer(405).answer(200, one,
                                              {{"ETag", "\"9\""}, {"Total-Records", "7"}});
  CHECK(run(bench.server.count(path))->live == 7);
  CHECK(bench.script.seen.size() == 3);
}

TEST_CASE("a hint need not list again while the ETag stays, a count must") {
  Bench bench;
  bench.script.answer(405).answer(405);
  lists(bench, {one, two, none});
  CHECK(run(bench.server.counts({path})).value()[0]->live == 2);
  lists(bench, {one});
  CHECK(run(bench.server.counts({path})).value()[0]->live == 2);
  CHECK(bench.script.seen.size() == 6);
  lists(bench, {one, one, none});
  CHECK(run(bench.server.count(path))->live == 1);
  lists(bench, {one, two, none}, 10);
  CHECK(run(bench.server.counts({path})).value()[0]->live == 2);
}

TEST_CASE("the ids that are counted are those that are listed") {
  Bench bench;
  bench.script.answer(405).answer(405);
  lists(bench, {one, one, none});
  CHECK(run(bench.server.count_of(path, {"a", "b"}))->live == 1);
  CHECK(bench.request(2).target.find("in_id=") != std::string::npos);
  CHECK(bench.request(2).target.ends_with("&_limit=1"));
  CHECK(bench.request(3).target.find("in_id=") != std::string::npos);
}

TEST_CASE("a count by listing goes on behind an end that no Next-Page was left of") {
  NoticingBench bench;
  bench.script.answer(405).answer(405);
  lists(bench, {one, two, R"({"data":[{"id":"c","last_modified":1}]})", none});
  const auto count = run(bench.server.count(path));
  REQUIRE(count.has_value());
  CHECK(count->live == 3);
  CHECK(bench.request(4).target.find("gt_id=%22b%22&") != std::string::npos);
  CHECK(bench.notices.front().find("Next-Page") != std::string::npos);
}

TEST_CASE("HEAD is not refused for good where the credentials were put right in between") {
  for (const bool for_good : {false, true}) {
    CAPTURE(for_good);
    NoticingBench bench;
    bench.script.answer(405).answer(401);
    lists(bench, {one, two, none});
    if (for_good) {
      bench.script.answer(401);
    } else {
      bench.script.answer(200, "", {{"ETag", "\"7\""}, {"Total-Objects", "2"}});
    }
    CHECK(run(bench.server.count(path))->live == 2);
    CHECK(bench.notices.size() == (for_good ? 1 : 0));
  }
}

TEST_CASE("why HEAD fails is told by a GET, and what fails for a moment is asked by HEAD again") {
  Bench bench;
  bench.script.answer(405).answer(401).answer(401, R"({"errno":104,"message":"Please log in"})");
  const auto refused = run(bench.server.count(path));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::credentials);
  CHECK(refused.error().message.find("401 Please log in; ") != std::string::npos);
  bench.script.answer(405).answer(503);
  lists(bench, {one, two, none});
  CHECK(run(bench.server.count(path))->live == 2);
  bench.script.answer(200, "", {{"ETag", "\"9\""}, {"Total-Objects", "5"}});
  CHECK(run(bench.server.count(path))->live == 5);
  CHECK(bench.script.seen.back().request.method == "HEAD");
}

TEST_CASE("an empty reason is no message") {
  Bench bench;
  bench.script.answer(404, "").answer(404, " \r\n");
  for (int i = 0; i < 2; ++i) {
    const auto page = run(bench.server.list(path, Listing()));
    REQUIRE(page.has_error());
    CHECK(page.error().code == Errc::turned_away);
    CHECK(page.error().message.find(": 404 without a reason; ") != std::string::npos);
  }
}

TEST_CASE("a count with an odd ETag quotes it") {
  Bench bench;
  bench.script.answer(
      200,
      R"({"responses":[{"status":200,"body":{},"headers":{"ETag":"\"x7\"","Total-Objects":"1"}}]})");
  const auto count = run(bench.server.count(path));
  REQUIRE(count.has_error());
  CHECK(count.error().message.find("no stamp: \"x7\"") != std::string::npos);
}

TEST_CASE("probes go out singly where there is no batch") {
  Bench bench;
  const http::Headers told{{"ETag", "\"9\""}, {"Total-Objects", "5"}};
  bench.script.answer(405).answer(200, "", told).answer(200, "", told);
  const auto counts = run(bench.server.counts({path, path + "2"}));
  REQUIRE(counts.has_value());
  CHECK((*counts)[0]->live == 5);
  CHECK((*counts)[1]->live == 5);
}

}  // namespace kinto_mirror::kinto
