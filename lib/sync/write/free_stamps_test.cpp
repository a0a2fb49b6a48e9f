#include "sync/write/free_stamps.hpp"

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

bool stands(const std::vector<int>& taken, std::int64_t wanted, std::int64_t actual) {
  Bench bench;
  bench.script.answer(200, page(taken));
  const auto meant =
      run(stands_at_next_free(bench.server, collection, Stamp{wanted}, Stamp{actual}));
  REQUIRE(meant.has_value());
  return *meant;
}

}  // namespace

TEST_CASE("a drift is meant where every stamp between is taken") {
  CHECK(stands({5}, 5, 6));
  CHECK(stands({5, 6, 7}, 5, 8));
  CHECK_FALSE(stands({}, 5, 6));
  CHECK_FALSE(stands({5, 7}, 5, 8));
  CHECK_FALSE(stands({5, 5}, 5, 7));
  CHECK_FALSE(stands({}, 5, 5));
  CHECK_FALSE(stands({}, 5, 4));
}

TEST_CASE("where Kinto takes no filter by the stamp the whole collection is read") {
  Bench bench;
  bench.script.answer(400).answer(200, page({4, 5, 6, 8}), more()).answer(200, page({9}));
  const auto meant = run(stands_at_next_free(bench.server, collection, Stamp{5}, Stamp{7}));
  REQUIRE(meant.has_value());
  CHECK(*meant);
  CHECK(bench.request(1).target.find("not_last_modified") != std::string::npos);
  bench.script.answer(400).answer(200, page({4, 5, 6, 8}));
  const auto free = run(next_free(bench.server, collection, Stamp{5}));
  REQUIRE(free.has_value());
  CHECK(*free == Stamp{7});
  bench.script.answer(400).answer(400);
  CHECK(run(next_free(bench.server, collection, Stamp{5})).has_error());
}

TEST_CASE("bodies are compared by value, without their stamps") {
  CHECK(same_body(R"({"id":"a","last_modified":1,"n":1.0})",
                  R"({"n": 1.0, "last_modified":2,"id":"a"})"));
  CHECK_FALSE(
      same_body(R"({"id":"a","last_modified":1,"n":1})", R"({"id":"a","last_modified":1,"n":2})"));
  CHECK_FALSE(same_body(R"({"id":"a"})", R"({"id":"a","m":null})"));
  CHECK_FALSE(same_body("", ""));  // a tombstone has none
}

TEST_CASE("the next free stamp is the first gap above the one that is taken") {
  struct Case {
    std::vector<int> taken;
    std::int64_t free;
  };
  for (const Case& c : std::vector<Case>{
           {{}, 5}, {{5}, 6}, {{5, 6, 8}, 7}, {{5, 5, 6}, 7}, {{6, 7}, 5}, {{5, 6, 7}, 8}}) {
    CAPTURE(c.free);
    Bench bench;
    bench.script.answer(200, page(c.taken));
    const auto free = run(next_free(bench.server, collection, Stamp{5}));
    REQUIRE(free.has_value());
    CHECK(*free == Stamp{c.free});
    CHECK(bench.request(0).target.find("_since=4") != std::string::npos);
  }
  Bench bench;
  bench.script.answer(200, page({5, 6}), more()).answer(200, page({7, 9}));
  const auto free = run(next_free(bench.server, collection, Stamp{5}));
  REQUIRE(free.has_value());
  CHECK(*free == Stamp{8});
  // The gap is near, as a rule: few are asked for at first, then more.
  CHECK(bench.request(0).target.ends_with("_limit=50"));
  CHECK(bench.request(1).target.find("_limit=100&") != std::string::npos);
}

}  // namespace kinto_mirror::sync
