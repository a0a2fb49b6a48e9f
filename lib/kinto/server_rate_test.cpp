// What a Server makes of answers that are not Kinto's own.
#include "kinto/server.hpp"
#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::kinto {

namespace {

using test::Bench;
using test::run;

constexpr std::string_view html = "<html><h1>503 Service Temporarily Unavailable</h1></html>";
constexpr std::string_view kintos = R"({"code":503,"errno":201,"error":"Service Unavailable"})";

std::vector<Subrequest> two_writes() {
  std::vector<Subrequest> requests;
  for (const char* path : {"/x/a", "/x/b"}) {
    requests.emplace_back("PUT", path);
    requests.back().data = "{}";
  }
  return requests;
}

const std::string answered =
    R"({"responses":[{"status":201,"body":{"data":{"id":"a","last_modified":7}}},)"
    R"({"status":201,"body":{"data":{"id":"b","last_modified":8}}}]})";

}  // namespace

TEST_CASE("what a limiter refuses is asked again, slower and slower, writes too") {
  for (const int status : {429, 502, 503, 504}) {
    Bench bench;
    bench.script.answer(status, std::string(html))
        .answer(status, std::string(html))
        .answer(status, std::string(html))
        .answer(200, answered);
    CAPTURE(status);
    CHECK(run(bench.server.send(two_writes())).has_value());
    CHECK(bench.at(1) - bench.at(0) == Millis{50});
    CHECK(bench.at(2) - bench.at(1) == Millis{100});
    CHECK(bench.at(3) - bench.at(2) == Millis{200});
    // So it goes on with the next request.
    bench.script.answer(200, answered);
    CHECK(run(bench.server.send(two_writes())).has_value());
    CHECK(bench.at(4) - bench.at(3) == Millis{200});
  }
}

TEST_CASE("a limiter that lets nothing through is an error of its own") {
  Bench bench;
  for (int i = 0; i < 20; ++i) bench.script.answer(503, std::string(html));
  const auto sent = run(bench.server.send(two_writes()));
  REQUIRE(sent.has_error());
  CHECK(sent.error().code == Errc::overloaded);
  CHECK(sent.error().message.find("a limiter or a gateway") != std::string::npos);
  CHECK(bench.script.seen.size() <= 10);
}

TEST_CASE("a 503 of Kinto's own may be a record's fault, and is the caller's to judge") {
  Bench bench;
  bench.script.answer(503, std::string(kintos));
  const auto sent = run(bench.server.send(two_writes()));
  REQUIRE(sent.has_error());
  CHECK(sent.error().code == Errc::failing);
  CHECK(bench.script.seen.size() == 1);
}

TEST_CASE("a single write that a limiter refuses is no answer about the record") {
  Bench bench;
  for (int i = 0; i < 20; ++i) bench.script.answer(429, std::string(html));
  Subrequest put("PUT", "/x/a");
  put.data = "{}";
  const auto answer = run(bench.server.send_alone(std::move(put)));
  REQUIRE(answer.has_error());
  CHECK(answer.error().code == Errc::overloaded);
}

TEST_CASE("the answer to a HEAD has no body, so that it is nobody's") {
  http::Response response;
  response.status = 503;
  CHECK_FALSE(is_refused_in_between("HEAD", response));
  CHECK(is_refused_in_between("GET", response));
  response.body = kintos;
  CHECK_FALSE(is_refused_in_between("GET", response));
  response.status = 500;
  response.body = html;
  CHECK_FALSE(is_refused_in_between("GET", response));
}

}  // namespace kinto_mirror::kinto
