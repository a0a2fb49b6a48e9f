// Reads of several visits at once, as a Server asks for them together.
#include "kinto/test_crowd.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

using test::batch;
using test::Crowd;

const std::string counted =
    R"({"status":200,"headers":{"ETag":"\"7\"","Total-Objects":"3"},"body":{}})";
const std::string listed =
    R"({"status":200,"headers":{"ETag":"\"7\""},"body":{"data":[{"id":"a","last_modified":5}]}})";
const std::string shown =
    R"({"status":200,"headers":{},"body":{"data":{"id":"x","last_modified":7}}})";

std::string records(const std::string& collection) {
  return "/buckets/b/collections/" + collection + "/records";
}

Task<void> count_c(Crowd& crowd) {
  const auto count = co_await crowd.server.count(records("c"));
  crowd.said.push_back(count ? "counted " + std::to_string(count->live) : count.error().message);
}

Task<void> count_d(Crowd& crowd) {
  const auto count = co_await crowd.server.count(records("d"));
  crowd.said.push_back(count ? "counted " + std::to_string(count->live) : count.error().message);
}

Task<void> look(Crowd& crowd) {
  const auto answer = co_await crowd.server.look("/buckets/x");
  crowd.said.push_back(answer ? "saw " + std::to_string(answer->status) : answer.error().message);
}

Task<void> list_c(Crowd& crowd) {
  Listing listing;
  listing.stamps_only = true;
  listing.since = Stamp{0};
  listing.limit = 10'000;
  const auto page = co_await crowd.server.list(records("c"), std::move(listing));
  crowd.said.push_back(page ? "listed " + std::to_string(page->entries.size()) + " at " +
                                  std::to_string(page->etag.ms)
                            : page.error().message);
}

const std::string small =
    records("c") + "?_sort=last_modified,id&_since=0&_fields=deleted&_limit=250";
const std::string large =
    records("c") + "?_sort=last_modified,id&_since=0&_fields=deleted&_limit=10000";

}  // namespace

TEST_CASE("what is asked at the same moment goes together, and each has his answer") {
  Crowd crowd;
  crowd.script.answer(200, batch({counted})).answer(200, batch({counted, shown, listed}));
  crowd.run({count_c});
  crowd.run({count_d, look, list_c});
  CHECK(crowd.said ==
        std::vector<std::string>{"counted 3", "counted 3", "saw 200", "listed 1 at 7"});
  const auto asked = crowd.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0] == "POST /v1/batch " + records("c"));
  CHECK(asked[1] == "POST /v1/batch " + records("d") + " /buckets/x " + small);
}

TEST_CASE("without leave to wait each goes by itself, and a list is as large as it was wanted") {
  Crowd crowd(Millis{0});
  crowd.script.answer(200, batch({counted}));
  crowd.run({count_c});
  crowd.script.answer(200, batch({counted})).answer(200, R"({"data":[]})", {{"ETag", "\"7\""}});
  crowd.run({count_d, list_c});
  CHECK(crowd.asked().back() == "GET /v1" + large);
  CHECK(crowd.said.back() == "listed 0 at 7");
}

TEST_CASE("a list that is no small one any more is asked for as it was wanted") {
  Crowd crowd;
  crowd.script.answer(200, batch({counted}));
  crowd.run({count_c});
  std::string rows = R"({"id":"r0","last_modified":1})";
  for (int i = 1; i < 250; ++i) {
    rows +=
        R"(,{"id":"r)" + std::to_string(i) + R"(","last_modified":)" + std::to_string(i + 1) + "}";
  }
  const http::Headers headers{{"ETag", "\"7\""}, {"Next-Page", "http://x/v1/y?_token=t"}};
  crowd.script.answer(200, R"({"data":[)" + rows + "]}", headers);
  crowd.script.answer(200, R"({"data":[)" + rows + R"(,{"id":"s","last_modified":251}]})",
                      {{"ETag", "\"7\""}});
  crowd.run({list_c});
  CHECK(crowd.said.back() == "listed 251 at 7");
  REQUIRE(crowd.asked().size() == 3);
  CHECK(crowd.asked()[1] == "GET /v1" + small);
  CHECK(crowd.asked()[2] == "GET /v1" + large);
}

TEST_CASE("a server that cuts a small list shorter is not asked twice") {
  Crowd crowd;
  crowd.script.answer(200, batch({counted}));
  crowd.run({count_c});
  crowd.script.answer(200, R"({"data":[{"id":"a","last_modified":5}]})",
                      {{"ETag", "\"7\""}, {"Next-Page", "http://x/v1/y?_token=t"}});
  crowd.run({list_c});
  CHECK(crowd.said.back() == "listed 1 at 7");
  CHECK(crowd.asked().size() == 2);
}

TEST_CASE("a part that fails is asked for again by whom it was for") {
  Crowd crowd;
  const std::string failing =
      R"({"status":503,"headers":{},"body":{"errno":201,"message":"later"}})";
  const std::string refused = R"({"status":403,"headers":{},"body":{"errno":121,"message":"no"}})";
  crowd.script.answer(200, batch({failing, refused})).answer(200, batch({counted}));
  crowd.run({count_d, look});
  CHECK(crowd.said == std::vector<std::string>{"saw 403", "counted 3"});
  CHECK(crowd.asked().back() == "POST /v1/batch " + records("d"));
}

TEST_CASE("a list that fails in a batch is asked for by itself, so that all is told") {
  Crowd crowd;
  crowd.script.answer(200, batch({counted}));
  crowd.run({count_c});
  const std::string failing =
      R"({"status":503,"headers":{},"body":{"errno":201,"message":"later"}})";
  crowd.script.answer(200, batch({shown, failing}));
  crowd.script.answer(503, R"({"errno":201,"message":"later"})", {{"Retry-After", "3600"}});
  crowd.run({look, list_c});
  CHECK(crowd.said.back() == "master http://master.test/v1: GET " + records("c") + ": 503 later");
  CHECK(crowd.asked().back() == "GET /v1" + small);
  CHECK(crowd.server.closed_for() > Millis{100'000});
}

TEST_CASE("a batch that fails as a whole is asked for one by one") {
  for (const int status : {413, 404, 500}) {
    CAPTURE(status);
    Crowd crowd;
    crowd.script.answer(200, batch({counted}));
    crowd.run({count_c});
    crowd.script.answer(status, "<html>no</html>");
    crowd.script.answer(200, batch({shown})).answer(200, R"({"data":[]})", {{"ETag", "\"7\""}});
    crowd.run({look, list_c});
    CHECK(crowd.said == std::vector<std::string>{"counted 3", "saw 200", "listed 0 at 7"});
    REQUIRE(crowd.asked().size() == 4);
    CHECK(crowd.asked()[2] == "POST /v1/batch /buckets/x");
    CHECK(crowd.asked()[3] == "GET /v1" + small);
  }
}

TEST_CASE("a server that takes no batches is asked as before") {
  Crowd crowd;
  crowd.script.answer(
      200, R"({"project_version":"1","http_api_version":"1","settings":{"batch_max_requests":1}})");
  crowd.run({[](Crowd& one) -> Task<void> {
    [[maybe_unused]] const auto hello = co_await one.server.hello();
  }});
  crowd.script.answer(200, batch({counted})).answer(200, batch({shown}));
  crowd.run({count_c, look});
  CHECK(crowd.asked()[1] == "POST /v1/batch " + records("c"));
  CHECK(crowd.asked()[2] == "POST /v1/batch /buckets/x");
  CHECK(crowd.said == std::vector<std::string>{"counted 3", "saw 200"});
}

}  // namespace kinto_mirror::kinto
