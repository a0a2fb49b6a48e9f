// What a Server sends to be written, alone or in a batch.
#include "kinto/server.hpp"
#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

using test::Bench;
using test::run;

std::vector<Subrequest> puts(const std::vector<std::string>& names) {
  std::vector<Subrequest> requests;
  for (const std::string& name : names) {
    Subrequest put("PUT", "/r/" + name);
    put.data = "{\"n\":1.0}";
    put.guard = Subrequest::Guard::if_absent;
    requests.push_back(std::move(put));
  }
  return requests;
}

Result<std::vector<Answer>> send(Bench& bench, const std::vector<std::string>& names) {
  return run(bench.server.send(puts(names)));
}

}  // namespace

TEST_CASE("several go in one batch, without headers that would leak into its parts") {
  Bench bench;
  bench.script.answer(200, R"({"responses":[{"status":201},{"status":412}]})");
  const auto answers = send(bench, {"a", "b"});
  REQUIRE(answers.has_value());
  CHECK((*answers)[0].status == 201);
  CHECK((*answers)[1].status == 412);
  REQUIRE(bench.script.seen.size() == 1);
  const http::Request& request = bench.request(0);
  CHECK(request.method == "POST");
  CHECK(request.target == "/v1/batch");
  CHECK(request.body == batch_body(puts({"a", "b"})));
  CHECK(http::find_header(request.headers, "Content-Type") == "application/json");
  CHECK_FALSE(http::find_header(request.headers, "If-None-Match"));
  CHECK_FALSE(http::find_header(request.headers, "If-Match"));
}

TEST_CASE("one goes plainly, with its guard as a header") {
  Bench bench;
  bench.script.answer(201, R"({"data":{"id":"a","last_modified":5}})", {{"ETag", "\"6\""}});
  const auto answers = send(bench, {"a"});
  REQUIRE(answers.has_value());
  REQUIRE(answers->size() == 1);
  CHECK(answers->front().status == 201);
  CHECK(answers->front().stamp == Stamp{5});
  CHECK(answers->front().etag == Stamp{6});
  CHECK(bench.request(0).method == "PUT");
  CHECK(bench.request(0).target == "/v1/r/a");
  CHECK(bench.request(0).body == R"({"data":{"n":1.0}})");
  CHECK(http::find_header(bench.request(0).headers, "If-None-Match") == "*");
}

TEST_CASE("one that goes plainly has its permissions with it, and is told them") {
  Bench bench;
  bench.script.answer(200, R"({"data":{"id":"a","last_modified":5},"permissions":{"read":["x"]}})");
  std::vector<Subrequest> single = puts({"a"});
  single.front().permissions = R"({"read":["x"]})";
  const auto answers = run(bench.server.send(std::move(single)));
  REQUIRE(answers.has_value());
  CHECK(answers->front().permissions == R"({"read":["x"]})");
  CHECK(bench.request(0).body == R"({"data":{"n":1.0},"permissions":{"read":["x"]}})");
}

TEST_CASE("where one path would spoil the batch, all go one by one, in order") {
  Bench bench;
  bench.script.answer(201).answer(200).answer(404, R"({"message":"no"})");
  const auto answers = send(bench, {"a", "batch-1", "c"});
  REQUIRE(answers.has_value());
  REQUIRE(answers->size() == 3);
  CHECK((*answers)[0].status == 201);
  CHECK((*answers)[1].status == 200);
  CHECK((*answers)[2].status == 404);
  CHECK((*answers)[2].message == "no");
  CHECK(bench.request(0).target == "/v1/r/a");
  CHECK(bench.request(1).target == "/v1/r/batch-1");
  CHECK(bench.request(2).target == "/v1/r/c");
}

TEST_CASE("alone, a status is an answer as it is inside a batch") {
  for (const int status : {400, 403, 404, 405, 409, 412, 413, 429, 500, 503}) {
    CAPTURE(status);
    Bench bench;
    bench.script.answer(status, R"({"errno":999,"message":"no"})");
    const auto answers = send(bench, {"a"});
    REQUIRE(answers.has_value());
    CHECK(answers->front().status == status);
    CHECK(answers->front().message == "no");
    CHECK(bench.script.seen.size() == 1);
  }
}

TEST_CASE("alone, refused credentials and redirects concern the whole server") {
  for (const int status : {401, 301, 307}) {
    CAPTURE(status);
    Bench bench;
    bench.script.answer(status);
    const auto answers = send(bench, {"a"});
    REQUIRE(answers.has_error());
    CHECK(answers.error().code == (status == 401 ? Errc::credentials : Errc::not_kinto));
    CHECK(bench.script.seen.size() == 1);
  }
}

TEST_CASE("a batch that breaks is not sent again, since one of its parts may be the cause") {
  struct Case {
    int status;
    Errc code;
  };
  const std::vector<Case> cases{{500, Errc::failing},   {503, Errc::failing},
                                {429, Errc::failing},   {400, Errc::rejected},
                                {413, Errc::too_large}, {405, Errc::read_only}};
  for (const Case& c : cases) {
    CAPTURE(c.status);
    Bench bench;
    bench.script.answer(c.status, R"({"errno":999,"message":"m"})")
        .answer(200, R"({"responses":[]})");
    const auto answers = send(bench, {"a", "b"});
    REQUIRE(answers.has_error());
    CHECK(answers.error().code == c.code);
    CHECK(answers.error().status == c.status);
    CHECK(bench.script.seen.size() == 1);
    CHECK(bench.clock.slept.empty());
  }
}

TEST_CASE("a batch whose answer was lost is sent again: its guards make that harmless") {
  Bench bench;
  bench.script.fail(Errc::unreachable)
      .answer(200, R"({"responses":[{"status":412},{"status":201}]})");
  const auto answers = send(bench, {"a", "b"});
  REQUIRE(answers.has_value());
  CHECK(bench.request(1).body == bench.request(0).body);
}

TEST_CASE("an answer to fewer requests than were sent is none") {
  Bench bench;
  bench.script.answer(200, R"({"responses":[{"status":201}]})");
  const auto answers = send(bench, {"a", "b"});
  REQUIRE(answers.has_error());
  CHECK(answers.error().code == Errc::not_kinto);
  CHECK(answers.error().message.find("POST /batch") != std::string::npos);
}

}  // namespace kinto_mirror::kinto
