// What becomes of writes where the replica fails.
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
using test::creates;
using test::holds;
using test::Names;
using test::object;
using test::Pair;
using test::plain;
using test::sent_to;
using test::stored;

}  // namespace

TEST_CASE("a record that breaks its batch is found, where the server is healthy") {
  Pair pair;
  pair.replica.script
      .answer(500)  // all three
      .answer(200)  // the heartbeat
      .answer(201, R"({"data":)" + object("r1", 1) + "}")
      .answer(500)  // r2, r3
      .answer(200)  // the heartbeat
      .answer(500)  // r2
      .answer(200)  // the heartbeat
      .answer(500)  // r2, once more
      .answer(200)  // the heartbeat
      .answer(201, R"({"data":)" + object("r3", 3) + "}");
  const auto [applied, error] = apply(pair, creates(3));
  CHECK_FALSE(error);
  CHECK(applied.created == 2);
  REQUIRE(applied.refused.size() == 1);
  CHECK(applied.refused[0].id == "r2");
}

TEST_CASE("a server that stays broken ends the pass, and no record is to blame") {
  Pair pair;
  for (int i = 0; i < 40; ++i) pair.replica.script.answer(503);
  const auto [applied, error] = apply(pair, creates(3));
  REQUIRE(error);
  CHECK(error->code == Errc::failing);
  CHECK(applied.refused.empty());
  CHECK(applied.created == 0);
  // Nothing is written to it while its heartbeat fails.
  Names sent = sent_to(pair.replica);
  CHECK(sent.front() == "PUT r1, PUT r2, PUT r3");
  sent.erase(sent.begin());
  CHECK(Names(sent.size(), "GET /v1/__heartbeat__") == sent);
}

TEST_CASE("a record alone that met one bad moment of the server is no bad record") {
  Pair pair;
  pair.replica.script.answer(503)
      .answer(200)  // the heartbeat
      .answer(201, R"({"data":)" + object("r1", 1) + "}");
  const auto [applied, error] = apply(pair, creates(1));
  CHECK_FALSE(error);
  CHECK(applied.created == 1);
  CHECK(applied.refused.empty());
}

TEST_CASE("after a batch that failed none is sent, though it was gathered meanwhile") {
  for (const int status : {403, 405, 401}) {
    CAPTURE(status);
    Pair pair;
    Names later;
    for (int i = 26; i <= 50; ++i) later.push_back(stored(i));
    pair.replica.script.takes_a_while = true;
    // What is newer would come out of turn, and readers would miss the first ones (P6).
    pair.replica.script.answer(status, R"({"message":"no"})").answer(200, batch(later));
    const auto [applied, error] = apply(pair, creates(75));
    REQUIRE(error);
    CHECK(error->status == status);
    CHECK(applied.created == 0);
    CHECK(applied.refused.empty());
    CHECK(pair.replica.script.seen.size() == 1);
  }
}

}  // namespace kinto_mirror::sync
