#include "sync/decide/proof.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace kinto_mirror::sync {

namespace {

Whole whole(std::int64_t counted, std::int64_t listed, std::int64_t marked = 0) {
  Whole out;
  out.before.etag = out.first_etag = out.last_etag = Stamp{100};
  out.before.live = counted;
  out.live = listed;
  out.marked = marked;
  return out;
}

}  // namespace

TEST_CASE("a list agrees with the count, with or without what memory backends do not count") {
  CHECK(agrees(whole(700, 700)));
  CHECK(agrees(whole(700, 703, 3)));  // memory
  CHECK(agrees(whole(703, 703, 3)));  // PostgreSQL
  CHECK_FALSE(agrees(whole(700, 650)));
  CHECK_FALSE(agrees(whole(700, 702, 3)));
  CHECK_FALSE(agrees(whole(700, 701)));
}

TEST_CASE("asked again, the count may have moved while no ETag did") {
  struct Case {
    std::int64_t before;
    std::int64_t listed;
    std::int64_t later;
    bool agrees;
  };
  const std::vector<Case> cases{
      {700, 700, 700, true},  {700, 650, 700, false}, {700, 705, 710, true}, {700, 710, 710, true},
      {700, 711, 710, false}, {700, 699, 710, false}, {700, 660, 650, true}, {700, 640, 650, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.listed);
    CAPTURE(c.later);
    CHECK(agrees(whole(c.before, c.listed), c.later) == c.agrees);
  }
}

TEST_CASE("a list that was written to meanwhile cannot be held against a count") {
  CHECK(is_of_one_etag(whole(1, 1)));
  for (Stamp Whole::*one : {&Whole::first_etag, &Whole::last_etag}) {
    Whole moved = whole(1, 1);
    moved.*one = Stamp{101};
    CHECK_FALSE(is_of_one_etag(moved));
  }
  Whole none;  // a server that gives no ETag
  CHECK_FALSE(is_of_one_etag(none));
}

}  // namespace kinto_mirror::sync
