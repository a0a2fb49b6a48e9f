#include "sync/decide/plan.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

constexpr std::int64_t at = 100;  // the change's stamp

const std::optional<Known> nothing;

Known live(std::int64_t ms) {
  return Known{Stamp{ms}, false};
}
Known tombstone(std::int64_t ms) {
  return Known{Stamp{ms}, true};
}

}  // namespace

TEST_CASE("what is written follows from the change and from what the replica holds") {
  struct Case {
    std::string what;
    bool deleted;
    std::optional<Known> replica;
    Action listed;
    Action confirmed;
  };
  using enum Action;
  const std::vector<Case> cases{
      {"record, replica has nothing", false, nothing, create, create},
      {"record, older tombstone", false, tombstone(50), create, create},
      {"record, tombstone of the same stamp", false, tombstone(at), create, create},
      {"record, newer tombstone", false, tombstone(200), recheck, create},
      {"record, older", false, live(50), update, update},
      {"record, the same", false, live(at), none, none},
      {"record, newer", false, live(200), recheck, recreate},
      {"record, newer by one", false, live(at + 1), recheck, recreate},
      {"tombstone, replica has nothing", true, nothing, none, none},
      {"tombstone, older tombstone", true, tombstone(50), none, none},
      {"tombstone, newer tombstone", true, tombstone(200), none, none},
      {"tombstone, older", true, live(50), remove, remove},
      {"tombstone, record of the same stamp", true, live(at), remove, remove},
      {"tombstone, newer", true, live(200), recheck, remove},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const Change change{"a", Stamp{at}, c.deleted};
    CHECK(plan(change, c.replica) == c.listed);
    CHECK(plan(change, c.replica, Knowledge::listed) == c.listed);
    CHECK(plan(change, c.replica, Knowledge::confirmed) == c.confirmed);
  }
}

TEST_CASE("a replica that is ahead is never overwritten on what was merely listed") {
  for (const bool deleted : {false, true}) {
    for (std::int64_t ahead = at + 1; ahead < at + 50; ++ahead) {
      CHECK(plan(Change{"a", Stamp{at}, deleted}, live(ahead)) == Action::recheck);
    }
  }
  CHECK(plan(Change{"a", Stamp{at}, false}, tombstone(at + 1)) == Action::recheck);
}

TEST_CASE("one version of a record is remembered, the newest that was added") {
  Remembered remembered;
  remembered.add(Change{"a", Stamp{5}, false});
  CHECK(remembered.holds("a", Known{Stamp{5}, false}));
  CHECK_FALSE(remembered.holds("a", Known{Stamp{4}, false}));
  CHECK_FALSE(remembered.holds("b", Known{Stamp{5}, false}));
  remembered.add(Change{"a", Stamp{6}, false});
  CHECK(remembered.holds("a", Known{Stamp{6}, false}));
  CHECK_FALSE(remembered.holds("a", Known{Stamp{5}, false}));
  CHECK(remembered.size() == 1);
}

TEST_CASE("what the next poll does not read again is forgotten") {
  Remembered remembered;
  for (int i = 1; i <= 5; ++i) remembered.add(Change{std::to_string(i), Stamp{i}, false});
  remembered.forget_up_to(Stamp{3});  // the next poll reads what is strictly newer
  CHECK_FALSE(remembered.holds("3", Known{Stamp{3}, false}));
  CHECK(remembered.holds("4", Known{Stamp{4}, false}));
  CHECK(remembered.size() == 2);
  remembered.clear();
  CHECK(remembered.size() == 0);
}

TEST_CASE("what is remembered is bounded, and what is held stays up to date") {
  Remembered remembered;
  for (std::size_t i = 0; i < Remembered::max_held + 10; ++i) {
    remembered.add(Change{std::to_string(i), Stamp{1}, false});
  }
  CHECK(remembered.size() == Remembered::max_held);
  remembered.add(Change{"0", Stamp{2}, false});
  CHECK(remembered.holds("0", Known{Stamp{2}, false}));
}

TEST_CASE("a record with the stamp of its own tombstone is another version") {
  Remembered remembered;
  remembered.add(Change{"a", Stamp{5}, true});
  CHECK(remembered.holds("a", Known{Stamp{5}, true}));
  CHECK_FALSE(remembered.holds("a", Known{Stamp{5}, false}));
}

}  // namespace kinto_mirror::sync
