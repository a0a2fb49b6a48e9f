#include "daemon/throttle.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

Instant at(std::int64_t seconds) {
  return Instant(Millis(seconds * 1'000));
}

}  // namespace

TEST_CASE("a failure is told at once, then every 30 s with its count") {
  RepeatGate gate;
  const auto first = gate.failed("master", at(0));
  REQUIRE(first);
  CHECK(first->count == 1);
  for (std::int64_t second = 5; second < 30; second += 5) CHECK(!gate.failed("master", at(second)));
  const auto later = gate.failed("master", at(30));
  REQUIRE(later);
  CHECK(later->count == 7);
  CHECK(later->lasting == Millis(30'000));
  CHECK(!gate.failed("master", at(59)));
  CHECK(gate.failed("master", at(60))->count == 9);
}

TEST_CASE("keys do not hide each other") {
  RepeatGate gate;
  CHECK(gate.failed("master", at(0)));
  CHECK(gate.failed("replica", at(1)));
  CHECK(!gate.failed("master", at(2)));
}

TEST_CASE("another kind of failure is told at once, and neither is told too often") {
  RepeatGate gate;
  CHECK(gate.failed("collection", at(0), "failed"));
  CHECK(gate.failed("collection", at(1), "brake")->count == 2);
  for (std::int64_t second = 2; second < 30; ++second) {
    CHECK(!gate.failed("collection", at(second), second % 2 == 0 ? "failed" : "brake"));
  }
  CHECK(gate.failed("collection", at(31), "brake"));
  CHECK(gate.works("collection", at(32))->count == 31);
}

TEST_CASE("what works again is told once, and fails anew at once") {
  RepeatGate gate;
  CHECK(!gate.works("master", at(0)));
  CHECK(gate.failed("master", at(1)));
  CHECK(!gate.failed("master", at(2)));
  const auto over = gate.works("master", at(11));
  REQUIRE(over);
  CHECK(over->count == 2);
  CHECK(over->lasting == Millis(10'000));
  CHECK(!gate.works("master", at(12)));
  CHECK(gate.failed("master", at(13))->count == 1);
}

TEST_CASE("memory stays bounded when keys come and go") {
  RepeatGate gate(Millis(1'000));
  for (std::int64_t i = 0; i < 5'000; ++i) {
    CHECK(gate.failed("collection " + std::to_string(i), at(i)));
  }
  CHECK(gate.failed("collection 0", at(5'001))->count == 1);
}

}  // namespace kinto_mirror::daemon
