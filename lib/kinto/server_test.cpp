// What a Server makes of answers. Its waits are in server_wait_test.cpp.
#include "kinto/server.hpp"

#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

using test::Bench;
using test::run;

const std::string root =
    R"({"project_name":"kinto","project_version":"26.5.0","http_api_version":"1.23",)"
    R"("settings":{"batch_max_requests":7,"readonly":true},"user":{"id":"basicauth:x"}})";

const std::string path = "/buckets/b/collections/c/records";

std::string header_of(const http::Request& request, std::string_view name) {
  return std::string(http::find_header(request.headers, name).value_or("(none)"));
}

}  // namespace

TEST_CASE("every request carries the credentials and goes below the API's root") {
  Bench bench;
  bench.script.answer(200, root).answer(200, R"({"data":[]})").answer(200, R"({"responses":[]})");
  CHECK(run(bench.server.hello()).has_value());
  CHECK(run(bench.server.list(path, Listing())).has_value());
  CHECK(bench.request(0).target == "/v1/");
  CHECK(bench.request(1).method == "GET");
  CHECK(bench.request(1).target == "/v1" + path + "?_sort=last_modified,id");
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(header_of(bench.request(i), "Authorization") == "Basic dTpw");
    CHECK(header_of(bench.request(i), "Accept") == "(none)");
    CHECK(header_of(bench.request(i), "Content-Type") == "(none)");
  }
}

TEST_CASE("hello tells what the server is and bears") {
  Bench bench;
  bench.script.answer(200, root, {{"Date", "Thu, 01 Jan 1970 00:00:09 GMT"}});
  CHECK(bench.server.batch_max_requests() == 25);
  const auto hello = run(bench.server.hello());
  REQUIRE(hello.has_value());
  CHECK(hello->version == "26.5.0");
  CHECK(hello->batch_max_requests == 7);
  CHECK(bench.server.batch_max_requests() == 7);
  CHECK(hello->read_only);
  CHECK(hello->authenticated);
  CHECK(hello->date == Stamp{9000});
}

TEST_CASE("a batch is bounded by what the server says, within reason") {
  for (const auto& row : std::vector<std::pair<std::string, std::size_t>>{
           {"0", 1}, {"-3", 1}, {"1", 1}, {"5000", 1000}, {"null", 25}, {"\"9\"", 25}}) {
    CAPTURE(row.first);
    Bench bench;
    bench.script.answer(200, R"({"project_version":"1","http_api_version":"1",)"
                             R"("settings":{"batch_max_requests":)" +
                                 row.first + "}}");
    const auto hello = run(bench.server.hello());
    REQUIRE(hello.has_value());
    CHECK(hello->batch_max_requests == row.second);
    CHECK_FALSE(hello->read_only);
    CHECK_FALSE(hello->authenticated);
  }
}

TEST_CASE("what answers otherwise is no Kinto") {
  for (const std::string body :
       {"", "<html>hello</html>", "{}", "[]", R"({"project_version":"1","settings":{}})",
        R"({"project_version":"1","http_api_version":"1"})", R"({"project_version":"1","sett)"}) {
    CAPTURE(body);
    Bench bench;
    bench.script.answer(200, body);
    const auto hello = run(bench.server.hello());
    REQUIRE(hello.has_error());
    CHECK(hello.error().code == Errc::not_kinto);
    CHECK(hello.error().message.find("http://replica.test/v1") != std::string::npos);
  }
  for (const int status : {400, 403, 404, 405, 410}) {
    CAPTURE(status);
    Bench bench;
    bench.script.answer(status, "nothing here");
    const auto hello = run(bench.server.hello());
    REQUIRE(hello.has_error());
    CHECK(hello.error().code == Errc::not_kinto);
  }
}

TEST_CASE("each status is one kind of failure, told with the server's words and its place") {
  struct Case {
    int status;
    Errc code;
  };
  const std::vector<Case> cases{
      {400, Errc::rejected},  {401, Errc::credentials}, {403, Errc::forbidden},
      {404, Errc::not_found}, {405, Errc::not_kinto},   {406, Errc::rejected},
      {409, Errc::conflict},  {410, Errc::not_found},   {412, Errc::precondition},
      {413, Errc::too_large}, {414, Errc::too_large},   {304, Errc::not_kinto},
      {501, Errc::not_kinto},
  };
  for (const Case& c : cases) {
    CAPTURE(c.status);
    Bench bench;
    bench.script.answer(c.status, R"({"errno":999,"message":"the words"})");
    const auto page = run(bench.server.list(path, Listing()));
    REQUIRE(page.has_error());
    CHECK(page.error().code == c.code);
    CHECK(page.error().status == c.status);
    CHECK(page.error().message.starts_with("replica http://replica.test/v1: GET " + path + ": "));
    CHECK(page.error().message.find("_sort") == std::string::npos);
    if (c.status >= 400) CHECK(page.error().message.find("the words") != std::string::npos);
    CHECK(bench.script.seen.size() == 1);
  }
}

TEST_CASE(
    "a refusal without Kinto's errno is none of Kinto's, and blames neither user nor rights") {
  for (const int status : {401, 403, 404, 410}) {
    CAPTURE(status);
    Bench bench;
    bench.script.answer(status, "<html><title>Blocked</title></html>");
    const auto page = run(bench.server.list(path, Listing()));
    REQUIRE(page.has_error());
    CHECK(page.error().code == Errc::turned_away);
    CHECK(page.error().message.find(std::to_string(status) + " Blocked; this is not Kinto's") !=
          std::string::npos);
    // A gateway may ask for credentials of its own.
    CHECK((page.error().message.find("credentials") != std::string::npos) == (status == 401));
    CHECK(page.error().message.find("this right") == std::string::npos);
  }
}

TEST_CASE("a redirect is not followed, and its query is not repeated") {
  Bench bench;
  bench.script.answer(307, "", {{"Location", "https://other.test/v1/?secret=1"}});
  const auto hello = run(bench.server.hello());
  REQUIRE(hello.has_error());
  CHECK(hello.error().code == Errc::not_kinto);
  CHECK(hello.error().message.find("https://other.test/v1/") != std::string::npos);
  CHECK(hello.error().message.find("secret") == std::string::npos);
  CHECK(bench.script.seen.size() == 1);
}

TEST_CASE("a page comes with the stamp of the collection, the server's time and the next token") {
  Bench bench;
  bench.script.answer(200, R"({"data":[{"id":"a","last_modified":1}]})",
                      {{"etag", "\"17\""},
                       {"date", "Thu, 01 Jan 1970 00:00:02 GMT"},
                       {"Next-Page", "http://replica.test/v1/x?_token=t%3D"}});
  const auto page = run(bench.server.list(path, Listing()));
  REQUIRE(page.has_value());
  CHECK(page->etag == Stamp{17});
  CHECK(page->date == Stamp{2000});
  CHECK(page->next.token == "t%3D");
  CHECK(page->entries.size() == 1);
}

TEST_CASE("a Next-Page to another host only gives its token") {
  Bench bench;
  bench.script
      .answer(405)  // a batch
      .answer(200, R"({"data":[{"id":"a","last_modified":1}]})",
              {{"Next-Page", "https://evil.test/steal/v9?_token=tok&_limit=1"}})
      .answer(200, R"({"data":[{"id":"b","last_modified":2}]})")
      .answer(200, R"({"data":[]})");
  const auto ids = run(bench.server.collections("b"));
  REQUIRE(ids.has_value());
  CHECK(ids->ids == std::vector<std::string>{"a", "b"});
  CHECK(bench.request(1).target == "/v1/buckets/b/collections?_sort=id&_fields=deleted");
  CHECK(bench.request(2).target == "/v1/buckets/b/collections?_sort=id&_fields=deleted&_token=tok");
}

TEST_CASE("a page with a header that is none of Kinto's is refused") {
  for (const auto& header :
       http::Headers{{"ETag", "W/\"abc\""}, {"ETag", "17"}, {"Next-Page", "http://h/v1/x"}}) {
    CAPTURE(header.first);
    Bench bench;
    bench.script.answer(200, R"({"data":[]})", {header});
    const auto page = run(bench.server.list(path, Listing()));
    REQUIRE(page.has_error());
    CHECK(page.error().code == Errc::not_kinto);
    if (header.first == "ETag") {
      CHECK(page.error().message.find("no stamp: " + header.second) != std::string::npos);
    }
  }
}

TEST_CASE("an ETag that was rewritten on its way is the stamp that it was") {
  Bench bench;
  bench.script.answer(200, R"({"data":[]})", {{"ETag", "W/\"17\""}})
      .answer(405)
      .answer(200, "", {{"ETag", "W/\"18-gzip\""}, {"Total-Objects", "1"}})
      .answer(200, R"({"data":{}})", {{"ETag", "\"19;gzip\""}});
  CHECK(run(bench.server.list(path, Listing()))->etag == Stamp{17});
  CHECK(run(bench.server.count(path))->etag == Stamp{18});
  CHECK(run(bench.server.send_alone(Subrequest("GET", path + "/r")))->etag == Stamp{19});
}

TEST_CASE("a listing that would never end is refused") {
  const std::string one = R"({"data":[{"id":"a","last_modified":1}]})";
  const http::Headers next{{"Next-Page", "http://replica.test/v1/x?_token=t"}};
  struct Case {
    std::string token;
    std::string body;
  };
  for (const Case& c : {Case{"t", one}, Case{"s", R"({"data":[]})"}}) {
    CAPTURE(c.body);
    Bench bench;
    bench.script.answer(200, c.body, next);
    Listing listing;
    listing.from.token = c.token;
    const auto page = run(bench.server.list(path, listing));
    REQUIRE(page.has_error());
    CHECK(page.error().code == Errc::not_kinto);
    CHECK(page.error().message.find("Next-Page") != std::string::npos);
  }
  Bench bench;
  bench.script.answer(405);  // a batch
  for (int i = 0; i < 9; ++i) bench.script.answer(200, one, next);
  CHECK(run(bench.server.buckets()).has_error());
  CHECK(bench.script.seen.size() == 3);
}

TEST_CASE("records are counted under either name of the header, in a batch or without") {
  for (const std::string name : {"Total-Objects", "Total-Records"}) {
    CAPTURE(name);
    for (const bool batches : {true, false}) {
      Bench bench;
      if (!batches) bench.script.answer(405);
      const std::string part =
          R"({"status":200,"body":{},"headers":{"ETag":"\"9\"",")" + name + R"(":"42"}})";
      if (batches) bench.script.answer(200, R"({"responses":[)" + part + "]}");
      if (!batches) bench.script.answer(200, "", {{name, "42"}, {"ETag", "\"9\""}});
      const auto count = run(bench.server.count(path));
      REQUIRE(count.has_value());
      CHECK(count->live == 42);
      CHECK(count->etag == Stamp{9});
      CHECK(bench.script.seen.back().request.method == (batches ? "POST" : "HEAD"));
    }
  }
}

TEST_CASE("an answer without count or ETag is none") {
  for (const char* headers : {R"({"ETag":"\"9\""})", R"({"Total-Objects":"42"})",
                              R"({"Total-Objects":"many","ETag":"\"9\""})"}) {
    Bench bench;
    bench.script.answer(
        200, R"({"responses":[{"status":200,"body":{},"headers":)" + std::string(headers) + "}]}");
    const auto count = run(bench.server.count(path));
    REQUIRE(count.has_error());
    CHECK(count.error().code == Errc::not_kinto);
  }
}

TEST_CASE("a part of a batch that fails for a moment is asked again, one that is hidden is not") {
  Bench bench;
  bench.script.answer(200, R"({"responses":[{"status":503,"body":{"errno":201}}]})").counts(4, 9);
  CHECK(run(bench.server.count(path))->live == 4);
  // An answer to HEAD has no body: its reason is asked for by GET.
  bench.script.answer(200, R"({"responses":[{"status":404,"body":""}]})")
      .answer(404, R"({"errno":110,"message":"gone"})");
  const auto hidden = run(bench.server.count(path));
  REQUIRE(hidden.has_error());
  CHECK(hidden.error().code == Errc::not_found);
  CHECK(hidden.error().message.find("404 gone") != std::string::npos);
  CHECK(bench.script.seen.back().request.method == "GET");
}

TEST_CASE("an object is read by its path") {
  Bench bench;
  bench.script.answer(200, R"({"data":{"id":"c","last_modified":3},"permissions":{}})");
  const auto object = run(bench.server.object("/buckets/b/collections/c"));
  REQUIRE(object.has_value());
  CHECK(object->entries.front().stamp == Stamp{3});
}

}  // namespace kinto_mirror::kinto
