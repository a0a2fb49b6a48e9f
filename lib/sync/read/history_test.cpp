#include "sync/read/history.hpp"

#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace kinto_mirror::sync {

namespace {

using kinto::test::Bench;

const std::string uri = "/buckets/b/collections/c";

// As Kinto 26.5 tells it; the entry itself is 4 ms behind.
std::string entry(const std::string& of = uri, const std::string& action = "delete",
                  const std::string& target =
                      R"({"data":{"id":"c","deleted":true,"last_modified":15},"permissions":{}})") {
  return R"({"uri":")" + of + R"(","action":")" + action +
         R"(","resource_name":"collection","collection_id":"c","id":"x","last_modified":19,)"
         R"("target":)" +
         target + "}";
}

// A batch of one answer.
std::string answered(int status, const std::string& body) {
  return R"({"responses":[{"status":)" + std::to_string(status) + R"(,"headers":{},"body":)" +
         body + "}]}";
}

Result<FormerLife> ask(Bench& master) {
  return kinto::test::run(newest_deletion(master.server, CollectionId("b", "c")));
}

Result<FormerLife> told(int status, const std::string& body) {
  Bench master;
  master.server.set_patience(Millis{0});
  master.script.answer(200, answered(status, body));
  return ask(master);
}

}  // namespace

TEST_CASE("the newest deletion of this very collection is asked for, and nothing else") {
  Bench master;
  master.script.answer(200, answered(200, R"({"data":[]})"));
  const FormerLife never = ask(master).value();
  CHECK(never.told);
  CHECK_FALSE(never.ended);
  REQUIRE(master.script.seen.size() == 1);
  CHECK(master.request(0).body.find(
            R"("GET","path":"/buckets/b/history?uri=%2Fbuckets%2Fb%2Fcollections%2Fc)"
            R"(&action=delete&_sort=-last_modified&_limit=1")") != std::string::npos);
}

TEST_CASE("what the history says is the tombstone's stamp, or nothing") {
  struct Case {
    std::string what;
    std::string rows;
    std::optional<Stamp> stamp;
    bool told = true;
  };
  for (const Case& c : {
           Case{"a deletion", entry(), Stamp{15}},
           Case{"the newest comes first", entry() + "," + entry(uri, "delete", "{}"), Stamp{15}},
           Case{"without a target, the entry's own", entry(uri, "delete", "{}"), Stamp{19}},
           Case{"with odd data, likewise", entry(uri, "delete", R"({"data":{"n":1}})"), Stamp{19}},
           Case{"never", "", std::nullopt},
           // A front end that drops the query: no proof of anything.
           Case{"another collection", entry("/buckets/b/collections/d"), std::nullopt, false},
           Case{"a record of it", entry(uri + "/records/r"), std::nullopt, false},
           Case{"another action", entry(uri, "update"), std::nullopt, false},
           Case{"no entry at all", R"({"n":1})", std::nullopt, false},
           Case{"odd", "17", std::nullopt, false},
       }) {
    CAPTURE(c.what);
    const FormerLife former = told(200, R"({"data":[)" + c.rows + "]}").value();
    CHECK((former.ended == c.stamp));
    CHECK(former.told == c.told);
  }
}

TEST_CASE("a history that is not shown proves nothing, and is no failure") {
  for (const int status : {403, 404, 400, 503}) {
    CAPTURE(status);
    const FormerLife former = told(status, R"({"errno":121,"message":"no"})").value();
    CHECK_FALSE(former.told);
    CHECK_FALSE(former.ended);
  }
  CHECK_FALSE(told(200, R"({"data":{"id":"x","last_modified":3}})").value().told);
}

TEST_CASE("a page of something in front proves nothing") {
  Bench master;
  master.script.answer(405, "<html>no</html>").answer(404, "<html>none</html>");
  CHECK_FALSE(ask(master).value().told);
}

TEST_CASE("a master that cannot be reached is an error") {
  Bench master;
  master.server.set_patience(Millis{0});
  master.script.fail(Errc::unreachable);
  CHECK(ask(master).error().code == Errc::unreachable);
}

}  // namespace kinto_mirror::sync
