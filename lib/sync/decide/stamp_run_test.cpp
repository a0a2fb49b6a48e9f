// Where records of one stamp go.
#include "sync/decide/stamp_run.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace kinto_mirror::sync {

namespace {

std::vector<std::int64_t> placed(StampRun& run, const std::vector<std::int64_t>& wanted,
                                 bool holds_stamps_once) {
  std::vector<std::int64_t> out;
  for (const std::int64_t stamp : wanted) {
    out.push_back(run.place(Stamp{stamp}, holds_stamps_once).ms);
  }
  return out;
}

using Stamps = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("records of one stamp stand one behind the other where a stamp is held once") {
  StampRun run;
  CHECK(placed(run, {7, 7, 7, 8, 20, 21}, true) == Stamps{7, 8, 9, 10, 20, 21});
}

TEST_CASE("elsewhere each has its own") {
  StampRun run;
  CHECK(placed(run, {7, 7, 7, 8, 20}, false) == Stamps{7, 7, 7, 8, 20});
}

TEST_CASE("a record that had to go farther takes the next ones along") {
  StampRun run;
  CHECK(placed(run, {7, 7}, true) == Stamps{7, 8});
  run.pushed(Stamp{7}, Stamp{12});
  CHECK(placed(run, {7, 9}, true) == Stamps{13, 14});
  // Of another run, which is over: nothing of this one.
  CHECK(placed(run, {50}, true) == Stamps{50});
  run.pushed(Stamp{7}, Stamp{60});
  CHECK(placed(run, {51}, true) == Stamps{51});
}

}  // namespace kinto_mirror::sync
