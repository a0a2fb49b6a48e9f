#include "sync/read/probe.hpp"

#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using kinto::test::Bench;
using kinto::test::run;

// b/c0, b/c1...
CollectionId nth(std::size_t i) {
  return {"b", "c" + std::to_string(i)};
}

std::string path(std::size_t i) {
  return kinto::records_path(nth(i));
}

std::vector<std::string> paths(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(path(i));
  return out;
}

std::string part(int status, const std::string& headers, const std::string& body) {
  return R"({"status":)" + std::to_string(status) + R"(,"headers":{)" + headers + R"(},"body":)" +
         body + "}";
}

std::string batch(const std::vector<std::string>& parts) {
  std::string out = R"({"responses":[)";
  for (const std::string& one : parts) out += (out.back() == '[' ? "" : ",") + one;
  return out + "]}";
}

std::string counted(std::size_t live) {
  return part(200, R"("ETag":"\"9\"","Total-Objects":")" + std::to_string(live) + "\"", "{}");
}

const std::string unclear = part(404, "", R"({"errno":111})");

}  // namespace

TEST_CASE("many collections are counted in as few batches as the server takes") {
  Bench bench;
  const std::size_t at_once = bench.server.batch_max_requests();
  std::vector<std::string> first;
  for (std::size_t i = 0; i < at_once; ++i) first.push_back(i == 3 ? unclear : counted(i));
  bench.script.answer(200, batch(first)).answer(200, batch({counted(70), counted(80)}));
  std::set<std::string> apart;
  const auto answered = run(counts(bench.server, paths(at_once + 2), apart));
  REQUIRE(answered.has_value());
  CHECK_FALSE(answered->parted);
  CHECK(apart.empty());
  const auto& found = answered->by_path;
  CHECK(bench.script.seen.size() == 2);
  CHECK(found.size() == at_once + 1);
  CHECK_FALSE(found.contains(path(3)));
  CHECK(found.at(path(2)).live == 2);
  CHECK(found.at(path(at_once)).live == 70);
  CHECK(found.at(path(at_once + 1)).live == 80);
  CHECK(found.at(path(at_once + 1)).etag == Stamp{9});
}

TEST_CASE("what is asked of no collection asks nothing") {
  Bench bench;
  std::set<std::string> apart;
  const auto none = run(counts(bench.server, {}, apart));
  REQUIRE(none.has_value());
  CHECK(none->by_path.empty());
  CHECK(bench.script.seen.empty());
}

TEST_CASE("what concerns the server ends a probe, and what may be the batch's own fault does not") {
  struct Case {
    Errc code;
    bool ends;
  };
  const std::vector<Case> cases{
      {Errc::unreachable, true}, {Errc::untrusted, true},  {Errc::credentials, true},
      {Errc::stopped, true},     {Errc::overloaded, true}, {Errc::rejected, false},
      {Errc::failing, false},    {Errc::not_kinto, false},
  };
  const auto fail = [](Bench& bench, Errc code) {
    // Where there is no connection, it is tried for a while.
    const int tries = code == Errc::unreachable ? 100 : 1;
    for (int i = 0; i < tries; ++i) bench.script.fail(code);
  };
  for (const Case& c : cases) {
    CAPTURE(static_cast<int>(c.code));
    Bench bench;
    fail(bench, c.code);
    // The second of two breaks every batch that it is in.
    if (!c.ends) {
      bench.script.answer(200, batch({counted(7)}));
      fail(bench, c.code);
    }
    std::set<std::string> apart;
    const auto found = run(counts(bench.server, paths(2), apart));
    REQUIRE(found.has_error() == c.ends);
    if (c.ends) {
      CHECK(found.error().code == c.code);
    } else {
      CHECK(found->parted);
      CHECK(found->by_path.size() == 1);
      CHECK(found->by_path.at(path(0)).live == 7);
      CHECK(apart == std::set<std::string>{path(1)});
      // From now on it is asked by itself, until it answers.
      bench.script.answer(200, batch({counted(8)})).answer(200, batch({counted(9)}));
      const auto next = run(counts(bench.server, paths(2), apart));
      REQUIRE(next.has_value());
      CHECK_FALSE(next->parted);
      CHECK(next->by_path.size() == 2);
      CHECK(apart.empty());
    }

    // Lists likewise, of which those that broke a batch are known by themselves.
    Bench other;
    const auto list = part(200, R"("ETag":"\"9\"")", R"({"data":[{"id":"a","last_modified":9}]})");
    fail(other, c.code);
    if (!c.ends) {
      other.script.answer(200, batch({list}));
      fail(other, c.code);
    }
    std::vector<std::pair<CollectionId, Stamp>> since;
    for (std::size_t i = 0; i < 2; ++i) since.emplace_back(nth(i), Stamp{5});
    std::set<std::string> lists_apart;
    const auto listed = run(recent(other.server, since, lists_apart));
    REQUIRE(listed.has_error() == c.ends);
    if (c.ends) continue;
    CHECK(listed->size() == 1);
    CHECK(listed->contains(nth(0)));
    CHECK(lists_apart == std::set<std::string>{path(1)});
    other.script.answer(200, batch({list})).answer(200, batch({list}));
    const auto then = run(recent(other.server, since, lists_apart));
    REQUIRE(then.has_value());
    CHECK(then->size() == 2);
    CHECK(lists_apart.empty());
  }
}

TEST_CASE("what is newer is told of those alone that gave a whole list") {
  Bench bench;
  const std::string rows =
      R"({"data":[{"id":"a","last_modified":12},{"id":"b","last_modified":11}]})";
  bench.script.answer(
      200, batch({part(200, R"("ETag":"\"12\"")", rows), unclear,
                  part(200, R"("ETag":"\"12\"","Next-Page":"http://h/?_token=t")", rows),
                  part(200, R"("ETag":"\"8\"")", R"({"data":[]})"), part(200, "", rows)}));
  std::vector<std::pair<CollectionId, Stamp>> since;
  for (std::size_t i = 0; i < 5; ++i) since.emplace_back(nth(i), Stamp{static_cast<int>(10 + i)});
  std::set<std::string> apart;
  const auto found = run(recent(bench.server, since, apart));
  REQUIRE(found.has_value());
  CHECK(found->size() == 2);
  CHECK(found->at(nth(0)).entries.size() == 2);
  CHECK(found->at(nth(0)).etag == Stamp{12});
  CHECK(found->at(nth(3)).entries.empty());
  // Each is asked for what is newer than its own stamp.
  const std::string& asked = bench.request(0).body;
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    const std::size_t path = asked.find(kinto::records_path(nth(i)));
    REQUIRE(path != std::string::npos);
    const std::string its = asked.substr(path, asked.find("\"}", path) - path);
    CHECK(its.find("_since=" + std::to_string(10 + i)) != std::string::npos);
  }
}

}  // namespace kinto_mirror::sync
