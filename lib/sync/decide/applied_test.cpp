// What is counted of writes.
#include "sync/decide/applied.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync {

namespace {

Write write_of(Action action, std::int64_t stamp = 7) {
  Write write;
  write.action = action;
  write.change = Change{"r" + std::to_string(stamp), Stamp{stamp}, action == Action::remove};
  write.placed = Stamp{stamp};
  return write;
}

Outcome refusal(int status) {
  Outcome outcome;
  outcome.verdict = Verdict::refused;
  outcome.status = status;
  outcome.message = "its words";
  return outcome;
}

}  // namespace

TEST_CASE("each kind of write is counted by what readers see of it") {
  Applied applied;
  applied.count(write_of(Action::create));
  applied.count(write_of(Action::update));
  applied.count(write_of(Action::recreate));
  applied.count(write_of(Action::remove));
  CHECK(applied.written.created == 1);
  CHECK(applied.written.updated == 2);
  CHECK(applied.written.deleted == 1);
  CHECK(applied.beside == 0);
  CHECK(applied.confirmed());
}

TEST_CASE("a record that stands at another stamp than the master's is told apart") {
  Applied applied;
  Write write = write_of(Action::create);
  write.placed = Stamp{8};
  applied.count(write);
  CHECK(applied.beside == 1);
  Write tombstone = write_of(Action::remove);
  tombstone.placed = Stamp{8};
  applied.count(tombstone);
  CHECK(applied.beside == 1);
}

TEST_CASE("a write that was stored under another stamp first is counted once") {
  Applied applied;
  Write write = write_of(Action::create);
  applied.count(write);
  write.counted = true;
  write.action = Action::update;
  applied.count(write);
  CHECK(applied.written.created == 1);
  CHECK(applied.written.updated == 0);
}

TEST_CASE("what is left over is no confirmation, and what is refused is") {
  Applied applied;
  CHECK_FALSE(applied.anything());
  applied.refuse(write_of(Action::create), refusal(400));
  CHECK(applied.confirmed());
  applied.leave(write_of(Action::update));
  CHECK_FALSE(applied.confirmed());
  applied.leave(write_of(Action::remove));
  CHECK(applied.left.missing == 1);
  CHECK(applied.left.differs == 1);
  CHECK(applied.left.undeleted == 1);
  CHECK(applied.anything());
}

TEST_CASE("only refused creates are lacking, up to the stamp in question") {
  Applied applied;
  const Refusal& told = applied.refuse(write_of(Action::create, 5), refusal(400));
  CHECK(told.id == "r5");
  CHECK(told.stamp == Stamp{5});
  CHECK(told.status == 400);
  CHECK(told.reason == "its words");
  applied.refuse(write_of(Action::update, 6), refusal(400));
  applied.refuse(write_of(Action::create, 9), refusal(400));
  CHECK(applied.lacking_up_to(Stamp{4}) == 0);
  CHECK(applied.lacking_up_to(Stamp{8}) == 1);
  CHECK(applied.lacking_up_to(Stamp{9}) == 2);
}

TEST_CASE("the first five ids are kept as examples") {
  Applied applied;
  for (int i = 1; i <= 7; ++i) applied.leave(write_of(Action::update, i));
  REQUIRE(applied.left_ids.size() == 5);
  CHECK(applied.left_ids.back() == "r5");
  CHECK(applied.left.differs == 7);
}

}  // namespace kinto_mirror::sync
