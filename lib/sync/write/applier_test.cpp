// What becomes of writes whose answers are not plainly good, against servers in a script.
#include "sync/write/test_apply.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::apply;
using test::batch;
using test::create;
using test::creates;
using test::holds;
using test::Names;
using test::object;
using test::Pair;
using test::plain;
using test::sent_to;
using test::stored;

}  // namespace

TEST_CASE("writes go in batches, one after the other, in ascending order") {
  Pair pair;
  kinto::test::Script& script = pair.replica.script;
  Names first;
  for (int i = 1; i <= 25; ++i) first.push_back(stored(i));
  script.answer(200, batch(first)).answer(200, batch({stored(26), stored(27)}));
  const auto [applied, error] = apply(pair, creates(27));
  CHECK_FALSE(error);
  CHECK(applied.written.created == 27);
  REQUIRE(script.seen.size() == 2);
  CHECK(sent_to(pair.replica)[1] == "PUT r26, PUT r27");
}

TEST_CASE("what another daemon or an earlier try has written is no write of ours") {
  Pair pair;
  pair.replica.script.answer(200, batch({holds(1), stored(2)}));
  const auto [applied, error] = apply(pair, creates(2));
  CHECK_FALSE(error);
  CHECK(applied.written.created == 1);
  CHECK(applied.already == 1);
}

TEST_CASE("an older version on the replica is overwritten, and only that version") {
  Pair pair;
  pair.replica.script.answer(412, R"({"errno":114,"details":{"existing":)" + object("r1", 1) + "}}")
      .answer(200, R"({"data":)" + object("r1", 50) + "}");
  pair.master.script.counts(1, 1).answer(200, R"({"data":[)" + object("r1", 50) + "]}");
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  CHECK(applied.written.updated == 1);
  CHECK(http::find_header(pair.replica.request(1).headers, "If-Match") == "\"1\"");
}

TEST_CASE("a refused record is quarantined with the server's words, the others are stored") {
  Pair pair;
  pair.replica.script.answer(
      200, batch({stored(1), R"({"status":400,"body":{"message":"bad field"}})", stored(3)}));
  const auto [applied, error] = apply(pair, creates(3));
  CHECK_FALSE(error);
  CHECK(applied.written.created == 2);
  REQUIRE(applied.refused.size() == 1);
  CHECK(applied.refused[0].id == "r2");
  CHECK(applied.refused[0].status == 400);
  CHECK(applied.refused[0].reason == "bad field");
}

TEST_CASE("a missing right ends the pass after what was stored") {
  Pair pair;
  pair.replica.script.answer(200, batch({stored(1), plain(403), plain(403)}));
  const auto [applied, error] = apply(pair, creates(3));
  REQUIRE(error);
  CHECK(error->code == Errc::forbidden);
  CHECK(applied.written.created == 1);
  CHECK(applied.refused.empty());
}

// What looked like a tombstone may be a live record that it shows no more.
TEST_CASE("nothing is deleted while the master hides a part of the collection") {
  Pair pair;
  pair.master.script.shows_a_part();
  const auto [applied, error] = apply(pair, {create("r1", 5), test::removal("r2", 6)});
  REQUIRE(error);
  CHECK(error->code == Errc::forbidden);
  CHECK(applied.written.deleted == 0);
  CHECK(pair.replica.script.seen.empty());
}

TEST_CASE("after the wish to stop nothing more is sent") {
  Pair pair;
  pair.stop.request();
  const auto [applied, error] = apply(pair, creates(30));
  REQUIRE(error);
  CHECK(error->code == Errc::stopped);
  CHECK(pair.replica.script.seen.empty());
}

}  // namespace kinto_mirror::sync
