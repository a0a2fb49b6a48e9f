// What a Server is asked for that may well not be there.
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
using Names = std::vector<std::string>;

Result<std::vector<Answer>> look(Bench& bench, Names paths) {
  return run(bench.server.look(std::move(paths)));
}

const std::string both =
    R"({"responses":[{"status":200,"headers":{},"body":{"data":{"id":"a","last_modified":5,"n":1.0},)"
    R"("permissions":{"write":["m"]}}},{"status":404,"headers":{},"body":{"errno":110,"message":"no"}}]})";

// Statuses, in order.
std::string said(const Result<std::vector<Answer>>& answers) {
  if (!answers) return "error " + std::string(to_string(answers.error().code));
  std::string out;
  for (const Answer& one : *answers) out += (out.empty() ? "" : " ") + std::to_string(one.status);
  return out;
}

}  // namespace

TEST_CASE("several are looked at in one request, with their data and lists, in order") {
  Bench bench;
  bench.script.answer(200, both);
  const auto answers = look(bench, {"/buckets/a", "/buckets/b"});
  CHECK(said(answers) == "200 404");
  CHECK(answers->at(0).object == R"({"id":"a","last_modified":5,"n":1.0})");
  CHECK(answers->at(0).permissions == R"({"write":["m"]})");
  CHECK(answers->at(0).stamp == Stamp{5});
  CHECK(answers->at(1).message == "no");
  REQUIRE(bench.script.seen.size() == 1);
  CHECK(bench.request(0).target == "/v1/batch");
  const std::string& body = bench.request(0).body;
  CHECK(body.find(R"("path":"/buckets/a")") < body.find(R"("path":"/buckets/b")"));
  CHECK(body.find(R"("method":"GET")") != std::string::npos);
}

TEST_CASE("a path that would spoil the batch is asked for by itself, and so are the others") {
  Bench bench;
  bench.script.answer(404, R"({"errno":110,"message":"no"})").shows_all();
  CHECK(said(look(bench, {"/buckets/batch-1", "/buckets/b"})) == "404 404");
  REQUIRE(bench.script.seen.size() == 2);
  CHECK(bench.request(0).method == "GET");
  CHECK(bench.request(0).target == "/v1/buckets/batch-1");
  CHECK(bench.request(1).target == "/v1/batch");
}

TEST_CASE("where batches are refused each is asked for plainly") {
  Bench bench;
  bench.script.answer(405, R"({"errno":115})");  // of all together
  for (const int status : {200, 404}) {
    bench.script.answer(405, R"({"errno":115})").answer(status);
  }
  CHECK(said(look(bench, {"/buckets/a", "/buckets/b"})) == "200 404");
  CHECK(bench.request(2).method == "GET");
  CHECK(bench.request(2).target == "/v1/buckets/a");
  CHECK(bench.request(4).target == "/v1/buckets/b");
}

TEST_CASE("a part that fails for a moment is asked for again") {
  Bench bench;
  bench.script
      .answer(200, R"({"responses":[{"status":503,"headers":{},"body":{"errno":201}},)"
                   R"({"status":404,"headers":{},"body":{"errno":110}}]})")
      .answer(200, both);
  CHECK(said(look(bench, {"/buckets/a", "/buckets/b"})) == "200 404");
}

TEST_CASE("a server that cannot be asked is an error, also where each is asked for by itself") {
  Bench bench;
  bench.server.set_patience(Millis{0});
  bench.script.fail(Errc::unreachable);
  CHECK(said(look(bench, {"/buckets/a", "/buckets/b"})) == "error unreachable");
  Bench plain;
  plain.server.set_patience(Millis{0});
  plain.script.answer(404, R"({"errno":110})").fail(Errc::unreachable);
  CHECK(said(look(plain, {"/buckets/batch-1", "/buckets/b"})) == "error unreachable");
}

TEST_CASE("a 200 with no object in it is no Kinto's, and no object without data") {
  for (const std::string body : {R"({"data":{"id":"a","last_mod)", "<html>It works!</html>", ""}) {
    CAPTURE(body);
    Bench bench;
    bench.server.set_patience(Millis{0});
    bench.script.answer(405, R"({"errno":115})").answer(405, R"({"errno":115})").answer(200, body);
    CHECK(said(look(bench, {"/buckets/a"})) == "error not Kinto");
  }
}

TEST_CASE("an answer with fewer parts than were asked for is no Kinto's") {
  Bench bench;
  bench.server.set_patience(Millis{0});
  bench.script.shows_all();
  CHECK(said(look(bench, {"/buckets/a", "/buckets/b"})) == "error not Kinto");
}

}  // namespace kinto_mirror::kinto
