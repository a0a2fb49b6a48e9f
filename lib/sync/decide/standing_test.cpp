#include "sync/decide/standing.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync {

namespace {

Instant at(std::int64_t ms) {
  return Instant(Millis(ms));
}

constexpr Millis patience{20'000};

// Began at 1 s; its last round that is over began at 10 s, and the next one is due at 15 s.
Standing resting() {
  Standing standing;
  standing.begun = at(1'000);
  standing.looked = standing.round = at(10'000);
  standing.next = at(15'000);
  return standing;
}

CollectionState in_step(std::int64_t ms) {
  CollectionState state;
  state.in_step_at = at(ms);
  return state;
}

}  // namespace

TEST_CASE("no lag where the last look found the replica in step") {
  CHECK(lag(resting(), in_step(10'100), at(12'000), patience) == Millis{0});
}

TEST_CASE("what was never in step lags since the loop began") {
  CHECK(lag(resting(), CollectionState(), at(12'000), patience) == Millis{11'000});
  CHECK(lag(Standing(), CollectionState(), at(0), patience) == Millis{0});
}

TEST_CASE("a round that could not look leaves the lag growing") {
  Standing failing = resting();
  failing.looked = failing.round = at(15'000);
  CHECK(lag(failing, in_step(10'100), at(16'100), patience) == Millis{6'000});
}

TEST_CASE("a round under way that saw a change counts from the look before") {
  Standing working = resting();
  working.round = at(15'000);
  CollectionState state = in_step(10'100);
  CHECK(lag(working, state, at(15'100), patience) == Millis{0});
  state.moved = true;
  CHECK(lag(working, state, at(15'100), patience) == Millis{5'000});
  state.in_step_at = at(15'050);  // and has been applied
  CHECK(lag(working, state, at(15'100), patience) == Millis{0});
}

TEST_CASE("a look that is too old proves nothing any more") {
  CHECK(lag(resting(), in_step(10'000), at(30'000), patience) == Millis{0});
  CHECK(lag(resting(), in_step(10'000), at(30'001), patience) == Millis{20'001});
}

}  // namespace kinto_mirror::sync
