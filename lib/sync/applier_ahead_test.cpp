// What becomes of writes where the replica is ahead of what was listed.
#include "sync/test_apply.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::apply;
using test::batch;
using test::create;
using test::erased;
using test::creates;
using test::holds;
using test::Names;
using test::object;
using test::Pair;
using test::plain;
using test::sent_to;
using test::stored;

}  // namespace

namespace {

const std::string ahead_by_412 = R"({"details":{"existing":)" + object("r1", 90) + "}}";

std::string listing_of(const std::string& objects) {
  return R"({"data":[)" + objects + "]}";
}

Write recheck(const std::string& id, std::int64_t listed, Known replica) {
  Write write = create(id, listed);
  write.action = Action::recheck;
  write.replica = replica;
  return write;
}

}  // namespace

TEST_CASE("a replica that is ahead is left alone where the master has moved on") {
  Pair pair;
  pair.replica.script.answer(412, ahead_by_412);
  pair.master.script.answer(200, listing_of(object("r1", 90)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  CHECK(applied.confirmed());
  CHECK(sent_to(pair.replica) == Names{"PUT r1"});
}

TEST_CASE("a newer version of the master waits for its turn") {
  Pair pair;
  pair.replica.script.answer(412, R"({"details":{"existing":)" + object("r1", 10) + "}}");
  pair.master.script.answer(200, listing_of(object("r1", 90)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  CHECK(applied.confirmed());
  CHECK(sent_to(pair.replica) == Names{"PUT r1"});
}

TEST_CASE("bytes that got the stamp of the master's newer version are written over") {
  Pair pair;  // a memory replica has bumped 50 to 51, and then the master has written at 51
  pair.replica.script.answer(201, R"({"data":)" + object("r1", 51) + "}")
      .answer(200, R"({"data":)" + object("r1", 99) + "}")
      .answer(404)
      .answer(200, batch({erased(), stored(51)}));
  pair.master.script.answer(200, listing_of(object("r1", 51)))
      .answer(200, listing_of(object("r1", 51)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  CHECK(sent_to(pair.replica) ==
        Names{"PUT r1", "PUT r1", "GET absent-7", "DELETE r1, PUT r1"});
}

TEST_CASE("a drifted record is deleted and put only after the replica has taken its bytes") {
  Pair pair;
  pair.replica.script.answer(412, ahead_by_412)
      .answer(200, listing_of(""))  // what stands between 50 and 90
      .answer(200, R"({"data":)" + object("r1", 91) + "}")
      .answer(404)  // whoever may write a single record only is told 403
      .answer(200, batch({erased(), stored(50)}));
  pair.master.script.answer(200, listing_of(object("r1", 50)))
      .answer(200, listing_of(object("r1", 50)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  CHECK(applied.updated + applied.created == 1);
  Names sent = sent_to(pair.replica);
  REQUIRE(sent.size() == 5);
  CHECK(sent[2] == "PUT r1");
  CHECK(http::find_header(pair.replica.request(2).headers, "If-Match") == "\"90\"");
  CHECK(sent[4] == "DELETE r1, PUT r1");
}

TEST_CASE("no record is deleted to be put again where its user may write single records only") {
  Pair pair;
  pair.replica.script.answer(412, ahead_by_412)
      .answer(200, listing_of(""))
      .answer(200, R"({"data":)" + object("r1", 91) + "}")
      .answer(403);
  pair.master.script.answer(200, listing_of(object("r1", 50)))
      .answer(200, listing_of(object("r1", 50)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  REQUIRE(error);
  CHECK(error->code == Errc::forbidden);
  for (const std::string& sent : sent_to(pair.replica)) CHECK_FALSE(sent.starts_with("DELETE"));
}

TEST_CASE("a drifted record whose bytes the replica refuses stays there as it is") {
  Pair pair;
  pair.replica.script.answer(412, ahead_by_412)
      .answer(200, listing_of(""))
      .answer(400, R"({"message":"bad field"})");
  pair.master.script.answer(200, listing_of(object("r1", 50)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  REQUIRE(applied.refused.size() == 1);
  CHECK(applied.refused[0].reason == "bad field");
  for (const std::string& sent : sent_to(pair.replica)) CHECK_FALSE(sent.starts_with("DELETE"));
}

TEST_CASE("a replica that is ahead of a master that knows nothing is not touched") {
  Pair pair;
  pair.replica.script.answer(412, ahead_by_412);
  pair.master.script.answer(200, listing_of(""));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  CHECK(applied.left_missing + applied.left_different == 1);
  CHECK(sent_to(pair.replica) == Names{"PUT r1"});
}

TEST_CASE("a newer tombstone of the replica gives way only to what the master has now") {
  Pair deleted;
  deleted.master.script.answer(200, listing_of(R"({"id":"r1","last_modified":80,"deleted":true})"))
      .answer(200, listing_of(""));  // no live record has such a field of its own
  const auto gone = apply(deleted, {recheck("r1", 50, Known{Stamp{80}, true})});
  CHECK_FALSE(gone.error);
  CHECK(gone.applied.confirmed());
  CHECK(deleted.replica.script.seen.empty());

  Pair alive;
  alive.master.script.answer(200, listing_of(object("r1", 50)));
  alive.replica.script.answer(201, R"({"data":)" + object("r1", 50) + "}");
  const auto back = apply(alive, {recheck("r1", 50, Known{Stamp{80}, true})});
  CHECK_FALSE(back.error);
  CHECK(back.applied.created == 1);
}

}  // namespace kinto_mirror::sync
