#include "kinto/gathered.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

Reply whole(std::string body, int status = 200) {
  Reply reply;
  reply.status = status;
  reply.headers = {{"Date", "Thu, 01 Jan 1970 00:00:07 GMT"}, {"Content-Length", "12"}};
  reply.body = std::move(body);
  reply.took = Millis{30};
  return reply;
}

const std::string list =
    R"({"status":200,"headers":{"ETag":"\"7\"","Next-Page":"http:\/\/x"},"body":{"data":[{"n":1.0}]}})";
const std::string head = R"({"status":200,"headers":{"Total-Objects":"3"},"body":{}})";
const std::string none = R"({"status":404,"headers":{},"body":{"errno":110}})";

std::string of(const std::vector<std::string>& parts) {
  std::string out = R"({"responses": [)";
  for (const std::string& part : parts) out += (&part == &parts.front() ? "" : ", ") + part;
  return out + "]}";
}

}  // namespace

TEST_CASE("each gets its own parts, in the server's own bytes") {
  const auto cut = cut_batch(whole(of({head, none, list, head})),
                             {{{0, 1}, false}, {{2}, true}, {{3}, false}}, Shared::reads);
  REQUIRE(cut.has_value());
  REQUIRE(cut->size() == 3);
  CHECK(cut->at(0).body == R"({"responses":[)" + head + "," + none + "]}");
  CHECK(cut->at(0).headers == whole("").headers);
  CHECK(cut->at(2).body == R"({"responses":[)" + head + "]}");
  CHECK(cut->at(2).took == Millis{30});
  CHECK(cut->at(2).shared);
}

TEST_CASE("a part becomes the answer to a GET: status, headers, body, and the server's clock") {
  const auto cut = cut_batch(whole(of({list, none})), {{{0}, true}, {{1}, true}}, Shared::reads);
  REQUIRE(cut.has_value());
  CHECK(cut->at(0).status == 200);
  CHECK(cut->at(0).body == R"({"data":[{"n":1.0}]})");
  CHECK(http::find_header(cut->at(0).headers, "etag") == R"("7")");
  CHECK(http::find_header(cut->at(0).headers, "Next-Page") == "http://x");
  CHECK(date_of(cut->at(0).headers) == Stamp{7000});
  CHECK_FALSE(http::find_header(cut->at(0).headers, "Content-Length").has_value());
  CHECK(cut->at(1).status == 404);
  CHECK(cut->at(1).body == R"({"errno":110})");
}

TEST_CASE("several may have the same part") {
  const auto cut = cut_batch(whole(of({head, list})), {{{0, 1}, false}, {{1}, true}, {{0}, false}},
                             Shared::reads);
  REQUIRE(cut.has_value());
  REQUIRE(cut->size() == 3);
  CHECK(cut->at(0).body == R"({"responses":[)" + head + "," + list + "]}");
  CHECK(cut->at(1).body == R"({"data":[{"n":1.0}]})");
  CHECK(cut->at(2).body == R"({"responses":[)" + head + "]}");
}

TEST_CASE("what is no answer to all of them is one to nobody") {
  const std::vector<Share> two{{{0}, false}, {{1}, true}};
  CHECK(cut_batch(whole(of({head, list})), two, Shared::reads).has_value());
  CHECK_FALSE(cut_batch(whole(of({head})), two, Shared::reads).has_value());
  CHECK_FALSE(cut_batch(whole(of({head, list, list})), two, Shared::reads).has_value());
  CHECK_FALSE(cut_batch(whole(of({head, list}).substr(0, 40)), two, Shared::reads).has_value());
  CHECK_FALSE(cut_batch(whole(of({head, "7"})), two, Shared::reads).has_value());
  CHECK_FALSE(cut_batch(whole(of({head, R"({"headers":{}})"})), two, Shared::reads).has_value());
  CHECK_FALSE(cut_batch(whole("<html>"), two, Shared::reads).has_value());
  CHECK_FALSE(cut_batch(whole(of({head, list}), 413), two, Shared::reads).has_value());
}

TEST_CASE("where one of several writes may have undone others, no answer counts") {
  const std::string put = R"({"status":201,"headers":{},"body":{"data":{}}})";
  const std::vector<Share> two{{{0}, true}, {{1}, true}};
  CHECK(cut_batch(whole(of({put, none})), two, Shared::writes).has_value());
  for (const std::string status : {"409", "500", "503"}) {
    const std::string clash = R"({"status":)" + status + R"(,"headers":{},"body":{}})";
    const auto cut = cut_batch(whole(of({put, clash})), two, Shared::writes);
    REQUIRE_FALSE(cut.has_value());
    CHECK(cut.error().code == Errc::conflict);
    CHECK(cut_batch(whole(of({put, clash})), two, Shared::reads).has_value());
  }
}

}  // namespace kinto_mirror::kinto
