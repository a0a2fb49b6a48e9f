#include "sync/read/look_up.hpp"

#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using kinto::test::Bench;
using kinto::test::run;

const CollectionId collection("b", "c");

std::string page(const std::vector<int>& stamps) {
  std::string out = R"({"data":[)";
  for (const int stamp : stamps) {
    out += (out.back() == '[' ? "" : ",") + std::string(R"({"id":"r)") + std::to_string(stamp) +
           R"(","last_modified":)" + std::to_string(stamp) + "}";
  }
  return out + "]}";
}

http::Headers more() {
  return {{"Next-Page", "http://h/?_token=t"}};
}

}  // namespace

TEST_CASE("records and tombstones are found by their ids, on any number of pages") {
  Bench bench;
  bench.script
      .answer(200,
              R"({"data":[{"id":"a","last_modified":1,"n":1.0},{"id":"c","last_modified":1}]})",
              more())
      .answer(200, R"({"data":[{"id":"b","last_modified":2,"deleted":true}]})")
      .answer(200, R"({"data":[]})");  // none of them is alive with such a field of its own
  std::vector<std::string> ids{"a", "b", "c", "x"};
  const auto found = run(look_up(bench.server, collection, ids, With::bodies));
  REQUIRE(found.has_value());
  CHECK(found->size() == 3);
  CHECK(found->at("a").stamp == Stamp{1});
  CHECK(found->at("a").record == R"({"id":"a","last_modified":1,"n":1.0})");
  CHECK_FALSE(found->at("a").tombstone);
  CHECK(found->at("b").tombstone);
  CHECK(bench.request(0).target.find("not_last_modified=") != std::string::npos);
  CHECK(bench.request(0).target.find("in_id=%22a%22,%22b%22,%22c%22,%22x%22") != std::string::npos);
  CHECK(bench.request(2).target.find("not_last_modified=") == std::string::npos);
}

TEST_CASE("what is created anew while it is looked up is alive, and its bytes are not known") {
  Bench bench;
  bench.script.answer(200, R"({"data":[{"id":"a","last_modified":1,"deleted":true}]})")
      .answer(200, R"({"data":[{"id":"a","last_modified":2}]})");
  std::vector<std::string> ids{"a"};
  const auto found = run(look_up(bench.server, collection, ids, With::bodies));
  REQUIRE(found.has_value());
  CHECK_FALSE(found->at("a").tombstone);
  CHECK(found->at("a").stamp == Stamp{2});
  CHECK(found->at("a").record.empty());
}

TEST_CASE("a live record with a field deleted of its own is no tombstone") {
  Bench bench;
  bench.script.answer(200, R"({"data":[{"id":"a","last_modified":1,"deleted":true}]})")
      .answer(200, R"({"data":[{"id":"a","last_modified":1,"deleted":true}]})");
  std::vector<std::string> ids{"a"};
  const auto found = run(look_up(bench.server, collection, ids, With::stamps));
  REQUIRE(found.has_value());
  CHECK_FALSE(found->at("a").tombstone);
}

TEST_CASE("many ids are asked for in several requests, each with an address of bearable length") {
  Bench bench;
  std::vector<std::string> ids;
  ids.reserve(500);
  for (int i = 0; i < 500; ++i) ids.push_back("00000000-0000-0000-0000-" + std::to_string(i));
  for (int i = 0; i < 20; ++i) bench.script.answer(200, R"({"data":[]})");
  REQUIRE(run(look_up(bench.server, collection, ids, With::stamps)).has_value());
  CHECK(bench.script.seen.size() < 10);
  std::size_t asked = 0;
  for (const auto& seen : bench.script.seen) {
    CHECK(seen.request.target.size() < 4200);
    for (std::size_t at = 0; (at = seen.request.target.find("%22", at)) != std::string::npos;
         ++at) {
      ++asked;
    }
  }
  CHECK(asked == 2 * ids.size());
}

TEST_CASE("an answer that is too large is asked for in halves") {
  Bench bench;
  bench.script.fail(Errc::too_large).answer(200, page({1})).answer(200, page({2}));
  std::vector<std::string> ids{"r1", "r2"};
  const auto found = run(look_up(bench.server, collection, ids, With::bodies));
  REQUIRE(found.has_value());
  CHECK(found->size() == 2);
  CHECK(bench.script.seen.size() == 3);
}

}  // namespace kinto_mirror::sync
