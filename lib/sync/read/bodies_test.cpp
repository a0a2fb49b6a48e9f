#include "sync/read/bodies.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

Difference difference(bool tombstone, std::optional<Known> replica) {
  Difference out;
  out.change = Change{"r", Stamp{100}, tombstone};
  out.replica = replica;
  out.record = "{\"n\":1.0}";
  return out;
}

}  // namespace

TEST_CASE("a difference becomes the write that the plan asks for, guarded by what was seen") {
  struct Case {
    bool tombstone;
    std::optional<Known> replica;
    Action action;
    std::int64_t guard;
  };
  const std::vector<Case> cases{
      {false, std::nullopt, Action::create, 0},
      {false, Known{Stamp{50}, false}, Action::update, 50},
      {false, Known{Stamp{200}, false}, Action::recheck, 200},
      {false, Known{Stamp{100}, false}, Action::none, 100},
      {true, Known{Stamp{50}, false}, Action::remove, 50},
      {true, Known{Stamp{100}, false}, Action::remove, 100},
      {true, Known{Stamp{200}, false}, Action::recheck, 200},
      {true, std::nullopt, Action::none, 0},
  };
  for (const Case& c : cases) {
    CAPTURE(static_cast<int>(c.action));
    const Write write = to_write(difference(c.tombstone, c.replica));
    CHECK(write.action == c.action);
    CHECK(write.guard() == Stamp{c.guard});
    CHECK(write.placed == Stamp{100});
    CHECK(write.change.id == "r");
    CHECK(write.change.stamp == Stamp{100});
    CHECK(write.change.tombstone == c.tombstone);
    CHECK(write.record == "{\"n\":1.0}");
    CHECK_FALSE(write.for_lack);
  }
}

TEST_CASE("a stretch is read whole where at least half of many rows are wanted") {
  struct Case {
    std::size_t wanted;
    std::int64_t rows;
    bool whole;
  };
  for (const Case& c : {Case{0, 0, false}, Case{1, 1, false}, Case{80, 80, false},
                        Case{81, 81, true}, Case{81, 162, true}, Case{81, 163, false},
                        Case{250, 250, true}, Case{250, 1'000'000, false}}) {
    CAPTURE(c.wanted);
    CAPTURE(c.rows);
    CHECK(dense(std::vector<Write>(c.wanted), c.rows) == c.whole);
  }
}

TEST_CASE("the rows between are those of the master's listing") {
  std::vector<Difference> differences(4);
  differences[1].ordinal = 5;
  differences[2].ordinal = 9;
  CHECK(rows_between(differences) == 5);
}

}  // namespace kinto_mirror::sync
