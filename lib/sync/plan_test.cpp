#include "sync/plan.hpp"

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

}  // namespace kinto_mirror::sync
