// Writes of several visits at once, as a Server sends them together.
#include "kinto/test_crowd.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

using test::batch;
using test::Crowd;
using Said = std::vector<std::string>;

const std::string made = R"({"status":201,"headers":{},"body":{"data":{"last_modified":5}}})";
const std::string there =
    R"({"status":412,"headers":{},"body":{"errno":114,"details":{"existing":{"last_modified":4}}}})";
const std::string clash = R"({"status":409,"headers":{},"body":{"errno":122,"message":"taken"}})";
const std::string kept = R"({"data":{"id":"x","last_modified":5}})";

Subrequest put(const std::string& collection) {
  Subrequest one("PUT", record_path(CollectionId("b", collection), "r"));
  one.data = "{}";
  one.guard = Subrequest::Guard::if_absent;
  return one;
}

void take(Crowd& crowd, const Result<std::vector<Answer>>& answers) {
  std::string said;
  if (!answers) said = answers.error().message;
  if (answers) {
    for (const Answer& one : *answers) said += std::to_string(one.status) + " ";
  }
  crowd.said.push_back(std::move(said));
}

Task<void> write_c(Crowd& crowd) {
  std::vector<Subrequest> one{put("c")};
  const auto answers = co_await crowd.server.send(std::move(one));
  take(crowd, answers);
}

Task<void> write_d_twice(Crowd& crowd) {
  std::vector<Subrequest> two{put("d"), put("d")};
  const auto answers = co_await crowd.server.send(std::move(two));
  take(crowd, answers);
}

Task<void> keep(Crowd& crowd) {
  Subrequest one = put("e");
  const auto answer = co_await crowd.server.send_patiently(std::move(one));
  crowd.said.push_back(answer ? "kept " + std::to_string(answer->status) : answer.error().message);
}

Task<void> try_alone(Crowd& crowd) {
  Subrequest one = put("f");
  const auto answer = co_await crowd.server.send_alone(std::move(one));
  crowd.said.push_back(answer ? "alone " + std::to_string(answer->status) : "failed");
}

Task<void> delete_container(Crowd& crowd) {
  Subrequest one("DELETE", "/buckets/b/collections/g");
  const auto answer = co_await crowd.server.send_patiently(std::move(one));
  crowd.said.push_back(answer ? "gone " + std::to_string(answer->status) : "failed");
}

Task<void> look(Crowd& crowd) {
  const auto answer = co_await crowd.server.look("/buckets/x");
  crowd.said.push_back(answer ? "saw " + std::to_string(answer->status) : answer.error().message);
}

const std::string c = "/buckets/b/collections/c/records/r";
const std::string d = "/buckets/b/collections/d/records/r";
const std::string e = "/buckets/b/collections/e/records/r";

}  // namespace

TEST_CASE("writes of the same moment share a batch, with their guards, and each has its answer") {
  Crowd crowd;
  crowd.script.answer(200, batch({made, there, made, made}));
  crowd.run({write_c, write_d_twice, keep});
  CHECK(crowd.said == Said{"201 ", "412 201 ", "kept 201"});
  REQUIRE(crowd.asked() == Said{"POST /v1/batch " + c + " " + d + " " + d + " " + e});
  const std::string& body = crowd.script.seen.front().request.body;
  CHECK(body.find(R"("If-None-Match")") != std::string::npos);
}

TEST_CASE("after a clash, which undoes others, each is sent by itself") {
  Crowd crowd;
  crowd.script.answer(200, batch({made, clash, made}));
  crowd.script.answer(412, R"({"errno":114,"details":{"existing":{"last_modified":5}}})");
  crowd.script.answer(200, batch({clash, made}));
  crowd.run({write_c, write_d_twice});
  CHECK(crowd.said == Said{"412 ", "409 201 "});
  CHECK(crowd.asked() == Said{"POST /v1/batch " + c + " " + d + " " + d, "PUT /v1" + c,
                              "POST /v1/batch " + d + " " + d});
  // That says nothing of the next.
  crowd.script.answer(200, batch({made, made}));
  crowd.run({write_c, keep});
  CHECK(crowd.said.back() == "kept 201");
}

TEST_CASE("a batch that is refused as a whole is nobody's fault: each is sent by itself") {
  for (const int status : {400, 403, 413, 500}) {
    CAPTURE(status);
    Crowd crowd;
    crowd.script.answer(status, "<html>no</html>").answer(201, kept).answer(201, kept);
    crowd.run({write_c, keep});
    CHECK(crowd.said == Said{"201 ", "kept 201"});
    CHECK(crowd.asked().at(1) == "PUT /v1" + c);
    CHECK(crowd.asked().at(2) == "PUT /v1" + e);
  }
}

TEST_CASE("reads do not go with writes, and what must be seen by itself goes alone") {
  Crowd crowd;
  const std::string shown = R"({"status":200,"headers":{},"body":{"data":{"id":"x"}}})";
  crowd.script.answer(201, kept).answer(200, kept).answer(201, kept).answer(200, batch({shown}));
  crowd.run({write_c, try_alone, delete_container, look});
  REQUIRE(crowd.asked().size() == 4);
  CHECK(crowd.asked().back() == "POST /v1/batch /buckets/x");
  CHECK(crowd.said == Said{"alone 201", "gone 200", "201 ", "saw 200"});
}

}  // namespace kinto_mirror::kinto
