#include "sync/decide/brake.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

constexpr MaxDelete percent(std::int64_t value) {
  return MaxDelete{true, value};
}
constexpr MaxDelete number(std::int64_t value) {
  return MaxDelete{false, value};
}

}  // namespace

TEST_CASE("a percentage allows at least ten records, 0 none, 100 all, a number itself") {
  struct Case {
    MaxDelete max;
    std::int64_t live;
    std::int64_t allowed;
  };
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  const std::vector<Case> cases{
      {percent(10), 0, 10},       {percent(10), 99, 10},
      {percent(10), 100, 10},     {percent(10), 109, 10},
      {percent(10), 110, 11},     {percent(10), 1000, 100},
      {percent(1), 5000, 50},     {percent(33), 1000, 330},
      {percent(99), 10, 10},      {percent(99), 1000, 990},
      {percent(0), 1'000'000, 0}, {percent(100), 3, 3},
      {percent(100), 5000, 5000}, {percent(50), huge, huge / 100 * 50 + huge % 100 / 2},
      {number(0), 1000, 0},       {number(3), 1000, 3},
      {number(500), 100, 500},
  };
  for (const Case& c : cases) {
    CAPTURE(c.max.percent);
    CAPTURE(c.max.value);
    CAPTURE(c.live);
    CHECK(allowed_deletes(c.max, c.live) == c.allowed);
  }
}

TEST_CASE("the default is a tenth of the records, and never fewer than ten") {
  CHECK(allowed_deletes(Options().max_delete, 5) == 10);
  CHECK(allowed_deletes(Options().max_delete, 5000) == 500);
}

TEST_CASE("the brake holds beyond what is allowed, and when the master is empty") {
  struct Case {
    std::string what;
    MaxDelete max;
    BrakeInput input;  // deletes, live on the replica, live on the master
    bool holds;
  };
  const std::vector<Case> cases{
      {"nothing to delete", percent(10), {0, 100, 100}, false},
      {"nothing to delete, empty master", percent(10), {0, 0, 0}, false},
      {"nothing to delete, nothing allowed", percent(0), {0, 100, 100}, false},
      {"just allowed", percent(10), {10, 100, 90}, false},
      {"one too many", percent(10), {11, 100, 89}, true},
      {"a tenth", percent(10), {100, 1000, 900}, false},
      {"more than a tenth", percent(10), {101, 1000, 899}, true},
      {"one, and none allowed", percent(0), {1, 1000, 999}, true},
      {"one, and a number of 0", number(0), {1, 1000, 999}, true},
      {"a number reached", number(5), {5, 1000, 995}, false},
      {"a number exceeded", number(5), {6, 1000, 994}, true},
      {"everything allowed", percent(100), {999, 1000, 1}, false},
      {"empty master, few records", percent(10), {3, 3, 0}, true},
      {"empty master, one record", percent(99), {1, 1, 0}, true},
      {"empty master, an operator said everything", percent(100), {1000, 1000, 0}, false},
      {"empty master, a number that would do", number(5), {5, 5, 0}, true},
      {"another's records, never mirrored", percent(10), {8, 8, 1, false}, false},
      {"nothing left of what was mirrored", percent(10), {8, 8, 1, true}, true},
      {"nothing left, and a number that would do", number(20), {8, 8, 1, true}, true},
      {"nothing left, an operator said everything", percent(100), {8, 8, 1, true}, false},
      {"empty master, more than said", number(5), {6, 6, 0}, true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(brake_holds(c.max, c.input) == c.holds);
  }
}

}  // namespace kinto_mirror::sync
