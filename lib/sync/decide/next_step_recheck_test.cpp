// What is to be done where the replica holds another version than was thought.
#include "sync/decide/next_step.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

constexpr std::optional<Known> nothing;

Known live(std::int64_t stamp) {
  return {Stamp{stamp}, false};
}

// Listed on the master at 100.
Write listed() {
  Write write;
  write.action = Action::update;
  write.change = Change{"r", Stamp{100}, false};
  write.placed = Stamp{100};
  write.record = R"({"id":"r","old":true})";
  write.replica = live(50);
  return write;
}

MasterNow record_at(std::int64_t stamp) {
  return {Stamp{stamp}, false, R"({"id":"r"})"};
}

MasterNow tombstone_at(std::int64_t stamp) {
  return {Stamp{stamp}, true, ""};
}

Write to_recreate(bool accepted = false, bool waited = false) {
  Write write = listed();
  write.action = Action::recreate;
  write.replica = live(120);
  write.accepted = accepted;
  write.waited = waited;
  return write;
}

}  // namespace

TEST_CASE("what the master says now decides what becomes of the replica's version") {
  using enum AfterRecheck;
  struct Row {
    const char* what;
    std::optional<Known> held;
    std::optional<MasterNow> now;
    std::optional<Stamp> horizon;
    AfterRecheck then;
    Action action;
  };
  const Action untouched = Action::update;
  const std::vector<Row> rows{
      {"gone without a trace", live(120), {}, {}, leave, untouched},
      {"changes right now", live(120), MasterNow{Stamp{130}, false, ""}, {}, leave, untouched},
      {"the replica drifted", live(120), record_at(100), {}, write, Action::recreate},
      {"another daemon was faster", live(120), record_at(120), {}, already, Action::none},
      {"the master moved on", live(120), record_at(130), {}, write, Action::update},
      {"... beyond the horizon", live(120), record_at(130), Stamp{110}, newer, untouched},
      {"... within the horizon", live(120), record_at(105), Stamp{110}, write, Action::recreate},
      {"deleted meanwhile", live(120), tombstone_at(130), {}, write, Action::remove},
      {"the replica lost it", nothing, record_at(100), {}, write, Action::create},
      {"deleted on both", Known{Stamp{130}, true}, tombstone_at(130), {}, already, Action::none},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Write write = listed();
    std::optional<MasterNow> now = row.now;
    const auto then = after_recheck(write, row.held, now ? &*now : nullptr, row.horizon);
    CHECK(static_cast<int>(then) == static_cast<int>(row.then));
    CHECK(static_cast<int>(write.action) == static_cast<int>(row.action));
    if (then != AfterRecheck::write) continue;
    CHECK(write.change.stamp == row.now->stamp);
    CHECK(write.placed == row.now->stamp);
    CHECK(write.change.tombstone == row.now->tombstone);
    CHECK(write.record == row.now->record);
    CHECK(write.replica == row.held);
  }
}

TEST_CASE("bytes of before under the stamp of the new ones are overwritten, whatever the horizon") {
  Write write = listed();
  write.accepted = true;
  MasterNow now = record_at(130);
  CHECK(after_recheck(write, live(130), &now, Stamp{110}) == AfterRecheck::write);
  CHECK(write.action == Action::update);
  CHECK_FALSE(write.accepted);
}

TEST_CASE("a record is deleted and created anew only where it will be taken, and need be") {
  using enum AfterRecreate;
  const std::set<Stamp> none_freed;
  const std::set<Stamp> between{Stamp{110}};
  const std::set<Stamp> outside{Stamp{99}, Stamp{120}};
  struct Row {
    const char* what;
    bool accepted;
    bool waited;
    std::set<Stamp> freed;
    Recreate known;
    AfterRecreate then;
  };
  const std::vector<Row> rows{
      {"taken before", true, false, none_freed, {false, {}, {}, {}}, allowed},
      {"not taken yet", false, false, none_freed, {false, {}, {}, {}}, ask_stands},
      {"... and drifted", false, false, none_freed, {false, false, {}, {}}, update},
      {"... perhaps as meant", false, false, none_freed, {false, true, {}, {}}, ask_once},
      {"... and with which body?", false, false, none_freed, {false, true, true, {}}, ask_same},
      {"... as meant", false, false, none_freed, {false, true, true, true}, none},
      {"... an older body", false, false, none_freed, {false, true, true, false}, update},
      {"... where stamps are shared", false, false, none_freed, {false, true, false, {}}, update},
      {"taken, where stamps are held once",
       true,
       false,
       none_freed,
       {true, {}, {}, {}},
       ask_stands},
      {"... and drifted, taken", true, false, none_freed, {true, false, {}, {}}, allowed},
      {"... as meant, taken", true, false, none_freed, {true, true, true, {}}, none},
      {"its way gets free", false, false, between, {true, {}, {}, {}}, wait},
      {"its way should be free", false, true, between, {true, {}, {}, {}}, update},
      {"its way gets free, taken", true, false, between, {true, {}, {}, {}}, allowed},
      {"others move elsewhere", false, false, outside, {true, {}, {}, {}}, ask_stands},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Write write = to_recreate(row.accepted, row.waited);
    const auto then = after_recreate(write, row.freed, row.known);
    CHECK(static_cast<int>(then) == static_cast<int>(row.then));
  }
  CHECK(after_recreate(listed(), between, {true, {}, {}, {}}) == allowed);
}

TEST_CASE("a repair goes on from the update of another daemon that the replica has taken") {
  using enum AfterRecreate;
  Write write = to_recreate();
  write.outrun = true;
  CHECK(after_recreate(write, {}, {}) == ask_same);
  CHECK(after_recreate(write, {}, {.same = true}) == take_over);
  CHECK(after_recreate(write, {}, {.same = false}) == ask_stands);
  CHECK(after_recreate(write, {}, {.stands = false, .same = false}) == update);
  write.accepted = true;
  CHECK(after_recreate(write, {}, {.same = true}) == allowed);
}

}  // namespace kinto_mirror::sync
