// What becomes of writes where the replica fails.
#include "sync/write/test_apply.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::apply;
using test::batch;
using test::create;
using test::creates;
using test::Names;
using test::object;
using test::Pair;
using test::sent_to;
using test::stored;

const std::string kintos = R"({"code":503,"errno":201,"error":"Service Unavailable"})";

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
  CHECK(applied.written.created == 2);
  REQUIRE(applied.refused.size() == 1);
  CHECK(applied.refused[0].id == "r2");
}

TEST_CASE("a server that stays broken ends the pass, and no record is to blame") {
  Pair pair;
  for (int i = 0; i < 40; ++i) pair.replica.script.answer(503, kintos);
  const auto [applied, error] = apply(pair, creates(3));
  REQUIRE(error);
  CHECK(error->code == Errc::failing);
  CHECK(applied.refused.empty());
  CHECK(applied.written.created == 0);
  // Nothing is written to it while its heartbeat fails.
  Names sent = sent_to(pair.replica);
  CHECK(sent.front() == "PUT r1, PUT r2, PUT r3");
  sent.erase(sent.begin());
  CHECK(Names(sent.size(), "GET /v1/__heartbeat__") == sent);
}

TEST_CASE("a record alone that met one bad moment of the server is no bad record") {
  Pair pair;
  pair.replica.script.answer(500)
      .answer(200)  // the heartbeat
      .answer(201, R"({"data":)" + object("r1", 1) + "}");
  const auto [applied, error] = apply(pair, creates(1));
  CHECK_FALSE(error);
  CHECK(applied.written.created == 1);
  CHECK(applied.refused.empty());
}

TEST_CASE("a record that meets a 503 alone ends the pass, before anything newer is written") {
  Pair pair;
  pair.replica.script
      .answer(503, kintos)  // both
      .answer(200)          // the heartbeat
      .answer(503, kintos)  // r1
      .answer(200);
  const auto [applied, error] = apply(pair, creates(2));
  REQUIRE(error);
  CHECK(error->code == Errc::held_up);
  CHECK(error->message.find("nothing newer") != std::string::npos);
  CHECK(applied.refused.empty());
  CHECK(sent_to(pair.replica).back() == "GET /v1/__heartbeat__");

  SUBCASE("the next pass gets past it") {
    pair.replica.script.answer(201, R"({"data":)" + object("r1", 1) + "}")
        .answer(201, R"({"data":)" + object("r2", 2) + "}");
    const auto again = apply(pair, creates(2));
    CHECK_FALSE(again.error);
    CHECK(again.applied.written.created == 2);
  }
  SUBCASE("the next pass meets it again, while other writes are taken: it is the record") {
    pair.wait(Suspects::a_bad_moment);
    pair.replica.script
        .answer(503, kintos)  // r1, which shares no request any more
        .answer(200)          // the heartbeat
        .answer(412)          // the daemon's own collection is there
        .answer(201, R"({"data":{"id":"canary","last_modified":1}})")
        .answer(201, R"({"data":)" + object("r2", 2) + "}");
    const auto again = apply(pair, creates(2));
    CHECK_FALSE(again.error);
    CHECK(again.applied.written.created == 1);
    REQUIRE(again.applied.refused.size() == 1);
    CHECK(again.applied.refused[0].status == 503);
  }
  SUBCASE("the next pass meets it again at another version: it is the record all the same") {
    pair.wait(Suspects::a_bad_moment);
    pair.replica.script
        .answer(503, kintos)  // r1
        .answer(200)          // the heartbeat
        .answer(412)          // the daemon's own collection is there
        .answer(201, R"({"data":{"id":"canary","last_modified":1}})");
    const auto again = apply(pair, {create("r1", 3)});
    CHECK_FALSE(again.error);
    CHECK(again.applied.refused.size() == 1);
  }
  SUBCASE("once it was taken, the next time is the first time") {
    pair.wait(Suspects::a_bad_moment);
    pair.replica.script.answer(201, R"({"data":)" + object("r1", 1) + "}");
    CHECK(apply(pair, creates(1)).applied.written.created == 1);
    pair.replica.script.answer(503, kintos).answer(200);
    const auto again = apply(pair, creates(1));
    REQUIRE(again.error);
    CHECK(again.error->code == Errc::held_up);
  }
  SUBCASE("the next pass meets it again a day later: that may be a bad moment too") {
    pair.wait(Millis{86'400'000});
    pair.replica.script.answer(503, kintos).answer(200);
    const auto again = apply(pair, creates(1));
    REQUIRE(again.error);
    CHECK(again.error->code == Errc::held_up);
  }
  SUBCASE("the next pass meets it again too soon") {
    pair.replica.script.answer(503, kintos).answer(200);
    const auto again = apply(pair, creates(2));
    REQUIRE(again.error);
    CHECK(again.error->code == Errc::held_up);
  }
  SUBCASE("the next pass meets it again, and nothing else is taken either") {
    pair.wait(Suspects::a_bad_moment);
    pair.replica.script.answer(503, kintos).answer(200).answer(412).answer(503, kintos);
    const auto again = apply(pair, creates(2));
    REQUIRE(again.error);
    CHECK(again.error->code == Errc::held_up);
    CHECK(again.applied.refused.empty());
  }
}

TEST_CASE("what a limiter refuses ends the pass without a heartbeat, and nothing is split") {
  Pair pair;
  for (int i = 0; i < 40; ++i) pair.replica.script.answer(503, "<html>too fast</html>");
  const auto [applied, error] = apply(pair, creates(3));
  REQUIRE(error);
  CHECK(error->code == Errc::overloaded);
  CHECK(applied.refused.empty());
  const Names sent = sent_to(pair.replica);
  CHECK(Names(sent.size(), "PUT r1, PUT r2, PUT r3") == sent);
}

TEST_CASE("after a batch that failed none is sent, though it was gathered meanwhile") {
  for (const int status : {403, 405, 401}) {
    CAPTURE(status);
    Pair pair;
    Names later;
    for (int i = 26; i <= 50; ++i) later.push_back(stored(i));
    pair.replica.script.takes_a_while = true;
    // What is newer would come out of turn, and readers would miss the first ones (P6).
    pair.replica.script.answer(status, R"({"errno":121,"message":"no"})").answer(200, batch(later));
    const auto [applied, error] = apply(pair, creates(75));
    REQUIRE(error);
    CHECK(error->status == status);
    CHECK(applied.written.created == 0);
    CHECK(applied.refused.empty());
    CHECK(pair.replica.script.seen.size() == 1);
  }
}

TEST_CASE("a batch that the line is too slow for is halved, while the server says that it works") {
  Error slow(Errc::unreachable, "no answer within 30000 ms");
  slow.slow = true;
  Pair pair;
  auto& script = pair.replica.script;
  script.answers.emplace_back(slow);
  script
      .answer(200)  // the heartbeat
      .answer(200, batch({stored(1), stored(2)}))
      .answer(200, batch({stored(3), stored(4)}));
  const auto [applied, error] = apply(pair, creates(4));
  CHECK_FALSE(error);
  CHECK(applied.written.created == 4);
  CHECK(pair.replica.server.most_bytes() < kinto::Portion::unbounded);
}

TEST_CASE("where a server hangs, nothing is halved, and no record is to blame") {
  Error slow(Errc::unreachable, "no answer within 30000 ms");
  slow.slow = true;
  Pair pair;
  for (int i = 0; i < 40; ++i) pair.replica.script.answers.emplace_back(slow);
  const auto [applied, error] = apply(pair, creates(4));
  REQUIRE(error);
  CHECK(error->code == Errc::unreachable);
  CHECK(applied.refused.empty());
  Names sent = sent_to(pair.replica);
  CHECK(sent.front() == "PUT r1, PUT r2, PUT r3, PUT r4");
  CHECK(sent[1].find("__heartbeat__") != std::string::npos);
  CHECK(sent.back().find("__heartbeat__") != std::string::npos);
}

}  // namespace kinto_mirror::sync
