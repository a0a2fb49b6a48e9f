#include "kinto/batch.hpp"

#include "base/json_slice.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

Subrequest put(std::string path, std::string data, Subrequest::Guard guard, Stamp stamp = {}) {
  Subrequest request("PUT", std::move(path));
  request.data = std::move(data);
  request.guard = guard;
  request.guard_stamp = stamp;
  return request;
}

// An answer to a batch with these subanswers.
std::string responses(const std::string& list) {
  return "{\"responses\":[" + list + "]}";
}

Answer only_answer(const std::string& object) {
  auto answers = parse_batch(responses(object), 1);
  REQUIRE(answers.has_value());
  return std::move(answers->front());
}

}  // namespace

TEST_CASE("a batch is written to the byte") {
  std::vector<Subrequest> requests;
  requests.push_back(put("/a", R"({"n": 1e22})", Subrequest::Guard::if_absent));
  requests.push_back(put("/b", "{}", Subrequest::Guard::if_stamp, Stamp{12}));
  requests.emplace_back("GET", "/c?_since=\"1\"");
  CHECK(
      batch_body(requests) ==
      R"({"requests":[)"
      R"({"method":"PUT","path":"/a","headers":{"If-None-Match":"*"},"body":{"data":{"n": 1e22}}},)"
      R"({"method":"PUT","path":"/b","headers":{"If-Match":"\"12\""},"body":{"data":{}}},)"
      R"({"method":"GET","path":"/c?_since=\"1\""}]})");
}

TEST_CASE("permissions go beside the data, to the byte") {
  std::vector<Subrequest> requests;
  requests.push_back(put("/a", R"({"n":1.0})", Subrequest::Guard::none));
  requests.front().permissions = R"({"read": ["system.Everyone"]})";
  CHECK(batch_body(requests) ==
        R"({"requests":[{"method":"PUT","path":"/a",)"
        R"("body":{"data":{"n":1.0},"permissions":{"read": ["system.Everyone"]}}}]})");
}

TEST_CASE("a batch is JSON, and no larger than its parts said") {
  std::vector<Subrequest> requests;
  std::size_t said = 32;
  for (int i = 0; i < 25; ++i) {
    requests.push_back(put("/buckets/b/collections/c/records/r" + std::to_string(i),
                           R"({"deep":{"a":[1,2,"]"]}})", Subrequest::Guard::if_stamp,
                           Stamp{1795492095931}));
    requests.back().permissions = R"({"write":["basicauth:one"]})";
    said += requests.back().bytes();
  }
  const std::string body = batch_body(requests);
  CHECK(json::whole_value(body));
  CHECK(body.size() <= said);
}

TEST_CASE("a guard is one header or none") {
  Subrequest request("DELETE", "/x");
  CHECK_FALSE(request.guard_header());
  request.guard = Subrequest::Guard::if_absent;
  CHECK(request.guard_header() == std::pair<std::string, std::string>("If-None-Match", "*"));
  request.guard = Subrequest::Guard::if_stamp;
  request.guard_stamp = Stamp{5};
  CHECK(request.guard_header() == std::pair<std::string, std::string>("If-Match", "\"5\""));
  // Kinto answers 400 to a negative one.
  request.guard_stamp = Stamp{-5};
  CHECK(request.guard_header()->second == "\"0\"");
}

TEST_CASE("a path that would spoil a batch is known") {
  for (const std::string path : {"/buckets/b/collections/c/records/batch-1", "/batch",
                                 "/buckets/batches/collections/c/records/r"}) {
    CAPTURE(path);
    CHECK(Subrequest("PUT", path).must_go_alone());
  }
  CHECK_FALSE(Subrequest("PUT", "/buckets/b/collections/c/records/my-batch").must_go_alone());
}

TEST_CASE("a success says what was stored") {
  const Answer answer = only_answer(
      R"({"status":201,"path":"/v1/x","headers":{"ETag":"\"13\"","Content-Length":"2"},)"
      R"("body":{"data":{"id":"a","last_modified":12},"permissions":{"read": ["x"]}}})");
  CHECK(answer.status == 201);
  CHECK(answer.permissions == R"({"read": ["x"]})");
  CHECK(answer.stamp == Stamp{12});
  CHECK(answer.etag == Stamp{13});
  CHECK_FALSE(answer.existing);
  CHECK(answer.message.empty());
}

TEST_CASE("a 412 says what is there, where the server does") {
  const Answer with =
      only_answer(R"({"status":412,"body":{"errno":114,"message":"Resource was modified",)"
                  R"("details":{"existing":{"last_modified":77,"id":"a"}}}})");
  CHECK(with.status == 412);
  CHECK(with.existing == Stamp{77});
  CHECK(with.message == "Resource was modified");
  for (const std::string details :
       {"{}", "null", "[]", R"({"existing":null})", R"({"existing":{"id":"a"}})",
        R"({"existing":{"last_modified":"7"}})"}) {
    CAPTURE(details);
    const Answer without =
        only_answer(R"({"status":412,"body":{"errno":114,"details":)" + details + "}}");
    CHECK(without.status == 412);
    CHECK_FALSE(without.existing);
  }
}

TEST_CASE("the server's own words are kept, the error's name where there are none") {
  CHECK(words_of(R"({"error":"Bad","message":"no \"x\"","code":400})") == "no \"x\"");
  CHECK(words_of(R"({"message":"m","error":"e"})") == "m");
  CHECK(words_of(R"({"error":"Forbidden"})") == "Forbidden");
  CHECK(words_of(R"({"error":"Forbidden","message":""})") == "Forbidden");
  CHECK(words_of("<html>\nBad <b>Gateway</b>\r\n</html>") == "Bad Gateway");
  CHECK(words_of("\n<html><head><title>413 Too Large</title></head><h1>x</h1>") == "413 Too Large");
  CHECK(said(413, "413 Too Large") == "413 Too Large");
  CHECK(said(413, "413") == "413 without a reason");
  CHECK(words_of("a\r\n\tplain  text ") == "a plain text");
  CHECK(words_of("").empty());
  CHECK(words_of(std::string(1000, 'x')).size() == 80);
}

TEST_CASE("answers come in the order of the requests") {
  const auto answers =
      parse_batch(responses(R"({"status":200},{"body":{},"status":404},{"status":503})"), 3);
  REQUIRE(answers.has_value());
  CHECK((*answers)[0].status == 200);
  CHECK((*answers)[1].status == 404);
  CHECK((*answers)[2].status == 503);
}

TEST_CASE("what does not answer each request is no answer to the batch") {
  for (const std::string& body : {
           std::string(),
           std::string("{}"),
           std::string("<html>"),
           responses(""),
           responses(R"({"status":200})"),
           responses(R"({"status":200},{"status":200},{"status":200})"),
           responses(R"({"status":200},{})"),
           responses(R"({"status":200},{"status":"200"})"),
           responses(R"({"status":200},{"status":99})"),
           // 2^32 more than 200, and as much less.
           responses(R"({"status":200},{"status":4294967496})"),
           responses(R"({"status":200},{"status":-4294967096})"),
           responses(R"({"status":200},{"status":0200})"),
           R"({"responses":[{"status":200},{"status":200}],)" +
               responses(R"({"status":200},{"status":200})").substr(1),
           responses(R"({"status":200},7)"),
           responses(R"({"status":200},{"status":200})").substr(0, 40),
           std::string(R"({"responses":{"status":200}})"),
       }) {
    CAPTURE(body);
    const auto answers = parse_batch(body, 2);
    REQUIRE(answers.has_error());
    CHECK(answers.error().code == Errc::not_kinto);
  }
}

TEST_CASE("what is refused to nobody with 401 is hidden from him, as by 403 from others") {
  const std::string body = responses(R"({"status":401,"body":{"code":401,"errno":104}})");
  CHECK(parse_batch(body, 1)->front().status == 401);
  CHECK(parse_batch(body, 1, true)->front().status == 403);
}

}  // namespace kinto_mirror::kinto
