#include "sync/resets.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

TEST_CASE("a reset is told by what the servers hold") {
  struct Case {
    std::string what;
    Before before;
    Seen seen;  // ETag, records of the master, survivors, lost
    std::vector<std::string> told;
  };
  const Before known{Stamp{100}, 8};
  const std::vector<Case> cases{
      {"nothing known", Before{}, {Stamp{50}, 0, 0, 3, 0}, {}},
      {"nothing happened", known, {Stamp{120}, 9, 8, 0, 0}, {}},
      {"emptied", known, {Stamp{200}, 0, 0, 0, 0}, {"the master was emptied"}},
      {"emptied and written again",
       known,
       {Stamp{200}, 2, 0, 0, 0},
       {"the master has none of the 8"}},
      {"restored", known, {Stamp{90}, 7, 7, 0, 0}, {"the master went back in time"}},
      {"some lost", known, {Stamp{100}, 8, 3, 5, 5}, {"the replica lost 5 records"}},
      {"all lost", known, {Stamp{100}, 8, 0, 8, 8}, {"the replica lost 8 records"}},
      {"an import",
       known,
       {Stamp{100}, 13, 8, 5, 0},
       {"the replica lacked 5 records of before the last look, which were committed late"}},
      {"some lost, and an import",
       known,
       {Stamp{100}, 13, 6, 7, 2},
       {"the replica lost 2 records"}},
      {"nobody counted the replica",
       known,
       {Stamp{100}, 8, 3, 5, std::nullopt},
       {"the replica lacked 5 records of before the last look: it lost them, or"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const auto told = resets(c.before, c.seen);
    REQUIRE(told.size() == c.told.size());
    for (std::size_t i = 0; i < told.size(); ++i) CHECK(told[i].starts_with(c.told[i]));
  }
}

}  // namespace kinto_mirror::sync
