// What becomes of writes whose stamp another object of the replica has.
#include "sync/write/test_apply.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::apply;
using test::apply_in_turns;
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

TEST_CASE("a clash makes the whole batch doubtful: all of it is sent again, in halves") {
  Pair pair;
  // PostgreSQL has undone r1; only what came after the clash persists.
  pair.replica.script.answer(200, batch({stored(1), plain(409), stored(3)}))
      .answer(201, R"({"data":)" + object("r1", 1) + "}")
      .answer(200, batch({stored(2), holds(3)}));
  const auto [applied, error] = apply(pair, creates(3));
  CHECK_FALSE(error);
  CHECK(applied.written.created + applied.already == 3);
  CHECK(applied.refused.empty());
  CHECK(sent_to(pair.replica) == Names{"PUT r1, PUT r2, PUT r3", "PUT r1", "PUT r2, PUT r3"});
}

TEST_CASE("a stamp that another object has is exchanged for the next free one") {
  Pair pair;
  pair.replica.script
      .answer(409)  // taken, or created by somebody at this moment
      .answer(409)  // taken
      .answer(200, R"({"data":[)" + object("x", 1) + "," + object("y", 2) + "]}")
      .answer(201, R"({"data":)" + object("r1", 3) + "}");
  const auto [applied, error] = apply(pair, creates(1));
  CHECK_FALSE(error);
  CHECK(applied.written.created == 1);
  CHECK(pair.replica.request(3).body == R"({"data":)" + object("r1", 3) + "}");
}

TEST_CASE("a tombstone whose stamp is taken takes the next free one") {
  Pair pair;
  pair.master.script.shows_all();  // shows everything
  pair.replica.script.answer(409)
      .answer(409)
      .answer(200, R"({"data":[)" + object("x", 5) + "]}")
      .answer(200, R"({"data":)" + object("r1", 6) + "}");
  const auto [applied, error] = apply(pair, {test::removal("r1", 5)});
  CHECK_FALSE(error);
  CHECK(applied.written.deleted == 1);
  CHECK(pair.replica.request(0).target == "/v1/buckets/b/collections/c/records/r1?last_modified=5");
  CHECK(pair.replica.request(3).target == "/v1/buckets/b/collections/c/records/r1?last_modified=6");
}

TEST_CASE("where stamps are held once, only records of the same run take the next free ones") {
  Pair pair;
  pair.traits.holds_stamps_once = true;
  pair.replica.script.answer(200, batch({stored(100), stored(101), stored(102)}))
      .answer(200, batch({stored(50), stored(103)}));
  // The fourth comes late, as records do whose time in quarantine is over.
  const auto [applied, error] =
      apply_in_turns(pair, {{create("r1", 100), create("r2", 100), create("r3", 101)},
                            {create("r4", 50), create("r5", 103)}});
  CHECK_FALSE(error);
  CHECK(applied.written.created == 5);
  const auto asks_for = [&pair](std::size_t request, int stamp) {
    const std::string member = "\"last_modified\":" + std::to_string(stamp);
    return pair.replica.request(request).body.find(member) != std::string::npos;
  };
  for (const int stamp : {100, 101, 102}) CHECK(asks_for(0, stamp));
  for (const int stamp : {50, 103}) CHECK(asks_for(1, stamp));
}

}  // namespace kinto_mirror::sync
