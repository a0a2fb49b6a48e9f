// What an answer of the replica means for a write.
#include "sync/decide/write.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using enum Verdict;
using kinto::Answer;

constexpr std::int64_t seen = 50;     // the replica's stamp, as it was seen
constexpr std::int64_t wanted = 100;  // the master's

Write write_of(Action action) {
  Write write;
  write.action = action;
  write.change = Change{"r", Stamp{wanted}, action == Action::remove};
  write.replica = Known{Stamp{seen}, false};
  write.placed = write.change.stamp;
  return write;
}

Answer status(int code) {
  Answer answer;
  answer.status = code;
  answer.error_number = code >= 400 ? 999 : 0;
  answer.message = "the server's words";
  return answer;
}

// Of a firewall or another front end.
Answer in_front(int code) {
  Answer answer = status(code);
  answer.error_number = 0;
  answer.in_front = true;
  return answer;
}

Answer stored(int code, std::int64_t at) {
  Answer answer;
  answer.status = code;
  answer.stamp = Stamp{at};
  return answer;
}

// 412; 0: without `details.existing`.
Answer holds(std::int64_t at) {
  Answer answer;
  answer.status = 412;
  if (at != 0) answer.existing = Stamp{at};
  return answer;
}

struct Case {
  std::string what;
  Answer answer;
  Verdict verdict;
  std::optional<std::int64_t> replica = std::nullopt;  // the stamp in Outcome::replica
};

void check(const Write& write, const std::vector<Answer>& answers, const Case& c) {
  CAPTURE(c.what);
  CAPTURE(static_cast<int>(write.action));
  const Outcome outcome = classify(write, answers);
  CHECK(outcome.verdict == c.verdict);
  CHECK(outcome.status == answers.back().status);
  if (c.verdict == replan) CHECK(outcome.replica.has_value() == c.replica.has_value());
  if (outcome.replica && c.replica) {
    CHECK(outcome.replica->stamp == Stamp{*c.replica});
    CHECK_FALSE(outcome.replica->tombstone);
  }
  if (answers.back().status >= 300) CHECK(outcome.message == answers.back().message);
}

const std::vector<Case> to_a_put{
    {"created", stored(201, wanted), applied},
    {"overwritten", stored(200, wanted), applied},
    {"the stamp was bumped", stored(201, wanted + 1), replan, wanted + 1},
    {"the record was stamped anew", stored(200, 9999), replan, 9999},
    {"not said what was stored", status(201), failing},
    {"the same is there", holds(wanted), already},
    {"an older version is there", holds(seen + 1), replan, seen + 1},
    {"a newer version is there", holds(200), replan, 200},
    {"nothing is there", holds(0), replan},
    {"bad JSON", status(400), refused},
    {"no user", status(401), no_right},
    {"no right", status(403), no_right},
    {"no container", status(404), no_container},
    {"a read-only node", status(405), read_only},
    {"no user in front", in_front(401), turned_away},
    {"a firewall", in_front(403), turned_away},
    {"no such page", in_front(404), turned_away},
    {"no such method in front", in_front(405), turned_away},
    {"not acceptable", status(406), refused},
    {"too slow", status(408), failing},
    {"a clash", status(409), clash},
    {"end of service", status(410), no_container},
    {"too large", status(413), refused},
    {"too many requests", status(429), failing},
    {"a bug", status(500), failing},
    {"overloaded", status(503), failing},
    {"an odd answer", status(304), refused},
};

const std::vector<Case> to_a_delete{
    {"deleted", stored(200, wanted), applied},
    {"deleted, at a stamp of its own", stored(200, 9999), applied},
    {"200 to anything", status(200), failing},
    {"gone already", status(404), already},
    {"gone for good", status(410), already},
    {"nothing is there", holds(0), replan},
    {"a newer version is there", holds(200), replan, 200},
    {"a record of the tombstone's stamp is there", holds(wanted), replan, wanted},
    {"bad request", status(400), refused},
    {"no user", status(401), no_right},
    {"no right", status(403), no_right},
    {"a read-only node", status(405), read_only},
    {"a firewall", in_front(403), turned_away},
    {"no such page", in_front(404), turned_away},
    {"no such page any more", in_front(410), turned_away},
    {"a clash", status(409), clash},
    {"too many requests", status(429), failing},
    {"a bug", status(500), failing},
    {"overloaded", status(503), failing},
};

}  // namespace

TEST_CASE("each answer to a create or an update is one verdict") {
  for (const Case& c : to_a_put) {
    check(write_of(Action::create), {c.answer}, c);
    check(write_of(Action::update), {c.answer}, c);
  }
}

TEST_CASE("each answer to a remove is one verdict") {
  for (const Case& c : to_a_delete) check(write_of(Action::remove), {c.answer}, c);
}

TEST_CASE("a recreate whose delete found nothing to do is judged by its put") {
  for (const Answer& erased : {stored(200, 9999), status(404), holds(wanted)}) {
    for (const Case& c : to_a_put) check(write_of(Action::recreate), {erased, c.answer}, c);
  }
}

TEST_CASE("a recreate whose delete failed is judged by its delete") {
  const Answer put = holds(200);
  for (const Case& c : to_a_delete) {
    if (c.verdict == applied || c.verdict == already || c.answer.existing == Stamp{wanted})
      continue;
    CAPTURE(c.what);
    const Outcome outcome = classify(write_of(Action::recreate), {c.answer, put});
    CHECK(outcome.verdict == c.verdict);
    CHECK(outcome.status == c.answer.status);
  }
}

TEST_CASE("our own replay is a success, whatever the batch was") {
  // The batch was carried out, its answer lost: sent again, each guard meets what it wrote itself.
  CHECK(classify(write_of(Action::create), {holds(wanted)}).verdict == already);
  CHECK(classify(write_of(Action::update), {holds(wanted)}).verdict == already);
  CHECK(classify(write_of(Action::remove), {status(404)}).verdict == already);
  CHECK(classify(write_of(Action::recreate), {holds(wanted), holds(wanted)}).verdict == already);
}

TEST_CASE("a record that was placed at the next free stamp is looked for there") {
  Write write = write_of(Action::create);
  write.placed = Stamp{wanted + 1};
  CHECK(classify(write, {stored(201, wanted + 1)}).verdict == applied);
  CHECK(classify(write, {stored(201, wanted)}).verdict == replan);
  CHECK(classify(write, {holds(wanted + 1)}).verdict == already);
}

}  // namespace kinto_mirror::sync
