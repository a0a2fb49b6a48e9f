// What becomes of writes where something in front of the replica minds them.
#include "sync/write/test_apply.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::apply;
using test::create;
using test::creates;
using test::object;
using test::Pair;

const std::string page = "<html><title>Request blocked</title></html>";

const std::string holds_none = R"({"data":[]})";

// To the write that only asks whether others of the collection pass.
void lets_pass(Pair& pair) {
  pair.replica.script.answer(200, holds_none).answer(412, R"({"errno":114})");
}

void passes_again(Pair& pair) {
  pair.replica.script.answer(412, R"({"errno":114})");
}

// A record that is tried alone: once more after each of the others that pass in between.
void refuses_again(Pair& pair, int status) {
  for (int i = 0; i < 3; ++i) {
    pair.replica.script.answer(status, page);
    passes_again(pair);
  }
}

}  // namespace

TEST_CASE("a record that a firewall minds is found, and set aside by a later pass") {
  Pair pair;
  pair.replica.script.answer(403, page);  // both
  lets_pass(pair);
  pair.replica.script.answer(201, R"({"data":)" + object("r1", 1) + "}");
  pair.replica.script.answer(403, page);
  refuses_again(pair, 403);
  const auto [applied, error] = apply(pair, creates(2));
  REQUIRE(error);
  CHECK(error->code == Errc::held_up);
  CHECK(error->message.find("403 Request blocked; this is not Kinto's own") != std::string::npos);
  CHECK(applied.written.created == 1);

  pair.wait(Suspects::a_bad_moment);
  pair.replica.script.answer(403, page);
  lets_pass(pair);
  refuses_again(pair, 403);
  passes_again(pair);
  const auto [later, none] = apply(pair, {create("r2", 2)});
  CHECK_FALSE(none);
  REQUIRE(later.refused.size() == 1);
  CHECK(later.refused[0].id == "r2");
  CHECK(later.refused[0].reason.find("something in front of it") != std::string::npos);
}

TEST_CASE("what lets no write pass is named, and no record is blamed") {
  Pair pair;
  // The batch, and what asks after it.
  pair.replica.script.answer(403, page).answer(200, holds_none).answer(403, page);
  const auto [applied, error] = apply(pair, creates(2));
  REQUIRE(error);
  CHECK(error->code == Errc::turned_away);
  CHECK(error->message.find("its user") == std::string::npos);
  CHECK(applied.refused.empty());
  const auto& asked = pair.replica.request(2);
  CHECK(asked.method == "PUT");
  CHECK(asked.target.find("/collections/c/records/") != std::string::npos);
  CHECK(std::ranges::count(asked.headers,
                           std::pair<std::string, std::string>("If-Match", "\"1\"")) == 1);
}

TEST_CASE("what lets empty records pass, and none that the replica holds, is no record's fault") {
  Pair pair;
  const std::string held =
      R"({"data":[{"id":"old","last_modified":9,"n":1},{"id":"x","last_modified":1}]})";
  pair.replica.script.answer(403, page).answer(200, held).answer(403, page);
  const auto [applied, error] = apply(pair, creates(2));
  REQUIRE(error);
  CHECK(error->code == Errc::turned_away);
  REQUIRE(pair.replica.script.seen.size() == 3);
  CHECK(pair.replica.request(2).target.ends_with("/records/old"));
  CHECK(pair.replica.request(2).body.find(R"("n":1)") != std::string::npos);
}

TEST_CASE("while all writes of a collection are refused no record is blamed, however long") {
  Pair pair;
  pair.replica.script.answer(403, page);
  lets_pass(pair);  // a short break
  pair.replica.script.answer(403, page);
  refuses_again(pair, 403);
  CHECK(apply(pair, creates(2)).error->code == Errc::held_up);
  pair.wait(Suspects::a_bad_moment);
  pair.replica.script.answer(403, page).answer(200, holds_none).answer(403, page);
  const auto [applied, error] = apply(pair, creates(1));
  REQUIRE(error);
  CHECK(error->code == Errc::turned_away);
  CHECK(applied.refused.empty());
}

TEST_CASE("a front end's 404 to a DELETE is no proof that the record is gone") {
  Pair pair;
  pair.master.script.shows_all();
  pair.replica.script.answer(404, page);
  lets_pass(pair);
  refuses_again(pair, 404);
  const auto [applied, error] = apply(pair, {test::removal("r1", 5)});
  REQUIRE(error);
  CHECK(error->code == Errc::held_up);
  CHECK(applied.already == 0);
}

TEST_CASE("a batch is taken apart whatever a firewall answers to it, while others pass") {
  const std::vector<std::pair<int, std::string>> refusals{
      {200, page}, {200, R"({"blocked":true})"}, {302, ""}, {406, page}, {400, page}};
  for (const auto& refusal : refusals) {
    const int status = refusal.first;
    const std::string& body = refusal.second;
    CAPTURE(status);
    Pair pair;
    pair.replica.script.answer(status, body);
    lets_pass(pair);
    pair.replica.script.answer(201, R"({"data":)" + object("r1", 1) + "}")
        .answer(201, R"({"data":)" + object("r2", 2) + "}");
    const auto [applied, error] = apply(pair, creates(2));
    CHECK_FALSE(error);
    CHECK(applied.written.created == 2);

    Pair closed;
    closed.replica.script.answer(status, body).answer(200, holds_none).answer(status, body);
    CHECK(apply(closed, creates(2)).error);
    CHECK(closed.replica.script.answers.empty());
  }
}

}  // namespace kinto_mirror::sync
