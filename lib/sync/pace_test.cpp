#include "sync/pace.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync {

namespace {

// What is settled on, where a batch takes `alone`, and each of two `side_by_side`.
int settled(int most, Millis alone, Millis side_by_side) {
  Pace pace(most);
  for (int i = 0; i < 50; ++i) {
    CHECK(pace.in_flight() <= most);
    const int in_flight = pace.in_flight();
    pace.answered(in_flight == 1 ? alone : side_by_side, in_flight);
  }
  return pace.in_flight();
}

}  // namespace

TEST_CASE("a server that does two batches in the time of one gets more, another one at a time") {
  CHECK(settled(4, Millis(100), Millis(120)) == 4);
  CHECK(settled(4, Millis(100), Millis(165)) == 4);
  CHECK(settled(4, Millis(20), Millis(40)) == 1);
  CHECK(settled(4, Millis(20), Millis(45)) == 1);
}

TEST_CASE("one slow answer tells nothing") {
  Pace pace(4);
  for (const int ms : {20, 20, 200, 20, 20, 20}) pace.answered(Millis(ms), 1);
  for (const int ms : {40, 40, 40, 40, 40, 40}) pace.answered(Millis(ms), 2);
  CHECK(pace.in_flight() == 1);
}

TEST_CASE("where readers look on there is never more than one") {
  CHECK(settled(1, Millis(100), Millis(100)) == 1);
}

TEST_CASE("what came alone tells nothing of pairs") {
  Pace pace(4);
  for (int i = 0; i < 50; ++i) pace.answered(Millis(20), 1);
  CHECK(pace.in_flight() == 2);
}

TEST_CASE("it begins with one, and tries two before more") {
  Pace pace(4);
  for (int i = 0; i < 6; ++i) {
    CHECK(pace.in_flight() == 1);
    pace.answered(Millis(10), 1);
  }
  CHECK(pace.in_flight() == 2);
}

}  // namespace kinto_mirror::sync
