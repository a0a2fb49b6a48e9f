// What is to be done about answers to writes: requests that failed as a whole, and single answers.
#include "sync/decide/next_step.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

constexpr std::optional<bool> unasked;

Error failure(Errc code, int status = 0) {
  return {code, "the words", status};
}

Error of_front(Errc code, int status) {
  Error error = failure(code, status);
  error.in_front = true;
  return error;
}

Error slow() {
  Error error = failure(Errc::unreachable);
  error.slow = true;
  return error;
}

Outcome outcome_of(Verdict verdict, int status = 0) {
  Outcome outcome;
  outcome.verdict = verdict;
  outcome.status = status;
  return outcome;
}

Write write_of(Action action) {
  Write write;
  write.action = action;
  write.change = Change{"r", Stamp{100}, action == Action::remove};
  write.placed = Stamp{100};
  write.replica = Known{Stamp{50}, false};
  write.sent = 1;
  return write;
}

}  // namespace

TEST_CASE("whose fault a request is that failed as a whole") {
  using enum AfterFailure;
  const Error turned_away = failure(Errc::turned_away, 403);
  const Error cut = failure(Errc::unreachable);
  const Error failing = failure(Errc::failing, 500);
  const Error unavailable = failure(Errc::failing, 503);
  const Error rejected = failure(Errc::rejected, 400);
  struct Row {
    const char* what;
    Error error;
    Verdict verdict;
    std::size_t writes;
    int failed_alone;
    std::optional<bool> there;
    std::optional<bool> others_pass;
    std::optional<bool> recovers;
    AfterFailure then;
  };
  const Verdict refused = Verdict::refused;
  const Verdict fails = Verdict::failing;
  const std::vector<Row> rows{
      {"no right", failure(Errc::forbidden, 403), refused, 5, 0, {}, {}, {}, give_up},
      {"no container", failure(Errc::not_found, 404), refused, 5, 0, {}, {}, {}, give_up},
      {"a limiter", failure(Errc::overloaded, 429), refused, 5, 0, {}, {}, {}, give_up},
      {"a limiter, alone", failure(Errc::overloaded, 503), refused, 1, 0, {}, {}, {}, give_up},
      {"rejected", rejected, refused, 5, 0, {}, {}, {}, halve},
      {"rejected alone", rejected, refused, 1, 0, {}, {}, {}, refuse},
      {"too large", failure(Errc::too_large, 413), refused, 2, 0, {}, {}, {}, halve},
      {"too large alone", failure(Errc::too_large, 413), refused, 1, 0, {}, {}, {}, refuse},
      // A server that is broken, or a record that breaks it.
      {"500", failing, fails, 5, 0, {}, {}, {}, ask_recovery},
      {"500, and stays broken", failing, fails, 5, 0, {}, {}, false, give_up},
      {"500, and works", failing, fails, 5, 0, {}, {}, true, halve},
      {"500 once alone", failing, fails, 1, 0, {}, {}, true, again},
      {"500 twice alone", failing, fails, 1, 1, {}, {}, true, refuse},
      {"503 alone", unavailable, fails, 1, 0, {}, {}, true, suspect},
      // Too slow.
      {"slow", slow(), refused, 4, 0, {}, {}, {}, ask_recovery},
      {"slow, and works", slow(), refused, 4, 0, {}, {}, true, halve},
      {"slow alone", slow(), refused, 1, 0, {}, {}, true, give_up},
      // What stands in front.
      {"a page", turned_away, refused, 5, 0, {}, {}, {}, ask_others},
      {"a page for all", turned_away, refused, 5, 0, {}, false, {}, give_up},
      {"a page for some", turned_away, refused, 5, 0, {}, true, {}, halve},
      {"a page for one", turned_away, refused, 1, 0, {}, true, {}, again_later},
      {"a page for one, again", turned_away, refused, 1, 2, {}, true, {}, again_later},
      {"a page for one, four times", turned_away, refused, 1, 3, {}, true, {}, suspect},
      {"a page of 200", of_front(Errc::not_kinto, 200), refused, 1, 3, {}, true, {}, suspect},
      {"a page of 500", of_front(Errc::failing, 500), fails, 5, 0, {}, true, {}, ask_recovery},
      // A connection that is cut, although the server is there.
      {"cut", cut, refused, 5, 0, {}, {}, {}, ask_there},
      {"cut, nobody there", cut, refused, 5, 0, false, {}, {}, give_up},
      {"cut, somebody there", cut, refused, 5, 0, true, {}, {}, ask_others},
      {"cut, others pass", cut, refused, 5, 0, true, true, {}, halve},
      {"cut alone", cut, refused, 1, 0, true, true, {}, again_later},
      {"cut alone, twice", cut, refused, 1, 1, true, true, {}, suspect},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Outcome outcome = outcome_of(row.verdict, row.error.status);
    Failed failed{.error = row.error, .outcome = outcome, .writes = row.writes};
    failed.failed_alone = row.failed_alone;
    failed.there = row.there;
    failed.others_pass = row.others_pass;
    failed.recovers = row.recovers;
    CHECK(static_cast<int>(after(failed)) == static_cast<int>(row.then));
  }
}

TEST_CASE("a write alone is tried again after longer and longer pauses") {
  CHECK(pause_after(1) == Millis{100});
  CHECK(pause_after(2) == Millis{200});
  CHECK(pause_after(3) == Millis{400});
}

TEST_CASE("what the answer to one write leads to") {
  using enum AfterAnswer;
  struct Row {
    Verdict verdict;
    int sent;
    std::optional<bool> recovers;
    AfterAnswer then;
  };
  const std::vector<Row> rows{
      {Verdict::applied, 1, unasked, count},
      {Verdict::already, 1, unasked, already},
      // An earlier try was carried out, and its answer lost.
      {Verdict::already, 2, unasked, count},
      {Verdict::replan, 1, unasked, recheck},
      {Verdict::clash, 1, unasked, place_anew},
      {Verdict::refused, 1, unasked, refuse},
      {Verdict::failing, 1, unasked, ask_recovery},
      {Verdict::failing, 1, true, leave},
      {Verdict::failing, 1, false, give_up},
      {Verdict::turned_away, 1, unasked, give_up},
      {Verdict::no_right, 1, unasked, give_up},
      {Verdict::no_container, 1, unasked, give_up},
      {Verdict::read_only, 1, unasked, give_up},
  };
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.verdict));
    Write write = write_of(Action::update);
    write.sent = row.sent;
    const AfterAnswer then = after(write, outcome_of(row.verdict), row.recovers);
    CHECK(static_cast<int>(then) == static_cast<int>(row.then));
  }
}

TEST_CASE("an update that is refused for its attachment is told from other refusals") {
  Write write = write_of(Action::update);
  write.record = R"({"id":"r","attachment":{"hash":"x"}})";
  Outcome outcome = outcome_of(Verdict::refused, 400);
  outcome.error_number = 999;
  CHECK(after(write, outcome, unasked) == AfterAnswer::replace);
  outcome.error_number = 107;
  CHECK(after(write, outcome, unasked) == AfterAnswer::refuse);
}

TEST_CASE("a stamp that is taken") {
  using enum AfterClash;
  struct Row {
    Action action;
    int clashes;
    std::optional<bool> meant;
    AfterClash then;
  };
  const std::vector<Row> rows{
      {Action::create, 1, unasked, again},   {Action::recreate, 1, unasked, again},
      {Action::create, 2, unasked, move_on}, {Action::recreate, 2, unasked, ask_meant},
      {Action::recreate, 2, true, already},  {Action::recreate, 2, false, move_on},
      {Action::create, 8, unasked, move_on}, {Action::create, 9, unasked, leave},
      {Action::recreate, 9, unasked, leave},
  };
  for (const Row& row : rows) {
    CAPTURE(row.clashes);
    const AfterClash then = after_clash(row.action, row.clashes, row.meant);
    CHECK(static_cast<int>(then) == static_cast<int>(row.then));
  }
}

TEST_CASE("an attachment is replaced only over the very version that was to be updated") {
  using enum AfterRefusedAttachment;
  const Write write = write_of(Action::update);
  CHECK(after_refused_attachment(write, false, nullptr) == ask_held);
  struct Row {
    int status;
    std::optional<Stamp> stamp;
    AfterRefusedAttachment then;
  };
  const std::vector<Row> rows{
      {200, Stamp{50}, recreate},  // as was thought
      {200, Stamp{100}, count},    // stored all the same
      {200, Stamp{70}, recheck},   // somebody else's
      {404, std::nullopt, refuse}, {200, std::nullopt, refuse},
  };
  for (const Row& row : rows) {
    kinto::Answer held;
    held.status = row.status;
    held.stamp = row.stamp;
    const auto then = after_refused_attachment(write, false, &held);
    CHECK(static_cast<int>(then) == static_cast<int>(row.then));
  }
  CHECK(after_refused_attachment(write, true, nullptr) == refuse);
}

}  // namespace kinto_mirror::sync
