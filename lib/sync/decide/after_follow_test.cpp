#include "sync/decide/after_pass.hpp"
#include "sync/decide/test_state.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync {

namespace {

using test::compared;

// A poll that found three records more, at ETag 600.
FollowResult followed(PassEnd end) {
  FollowResult result;
  result.end = end;
  result.report.state = end == PassEnd::confirmed ? State::in_sync : State::different;
  result.cursor = Stamp{540};
  result.etag = Stamp{600};
  result.live = 203;
  result.counted = true;
  result.live_changes = 3;
  result.deleted_changes = 1;
  return result;
}

}  // namespace

TEST_CASE("the replica's number is held only against one of a poll that read and counted all") {
  CollectionState state = compared();
  state.replica.live = 206;
  FollowResult result = followed(PassEnd::confirmed);
  CHECK(beyond(state, result) == -2);
  result.counted = false;
  CHECK_FALSE(beyond(state, result));
  CHECK_FALSE(beyond(state, followed(PassEnd::left)));
  CHECK_FALSE(beyond(state, followed(PassEnd::failed)));
}

TEST_CASE("rights wait where the replica was counted to have lost more than changes explain") {
  CollectionState state = compared();  // 200 on the master, 205 on the replica, 5 of them its own
  CHECK(holds_its_number(state));
  state.replica.live = 206;
  CHECK(holds_its_number(state));
  state.replica.live = 201;
  CHECK_FALSE(holds_its_number(state));
  // Four came or went since the exact number.
  step(state, CountedEvent::poll_late);
  state.live_since = 3;
  state.deleted_since = 1;
  CHECK(holds_its_number(state));
  state.replica.live = 200;
  CHECK_FALSE(holds_its_number(state));
  state.replica.live.reset();
  CHECK(holds_its_number(state));
}

TEST_CASE("fewer records break the chain at once, more only where two looks say so") {
  CollectionState state = compared();
  SUBCASE("fewer") {
    state.replica.live = 206;
    FollowResult result = followed(PassEnd::confirmed);
    CHECK(hold_against_replica(state, result));
  }
  SUBCASE("as many") {
    state.replica.live = 208;
    FollowResult result = followed(PassEnd::confirmed);
    CHECK_FALSE(hold_against_replica(state, result));
    CHECK(state.replica.surplus == 5);
    CHECK(result.counted);
  }
  SUBCASE("more, which others have added") {
    state.replica.live = 209;
    FollowResult result = followed(PassEnd::confirmed);
    CHECK_FALSE(hold_against_replica(state, result));
    CHECK(state.replica.surplus == 6);
    CHECK(result.counted);
  }
  SUBCASE("more, and nobody else wrote there") {
    state.replica.live = 209;
    state.replica.added_since = 4;
    FollowResult result = followed(PassEnd::confirmed);
    CHECK_FALSE(hold_against_replica(state, result));
    CHECK_FALSE(result.counted);
    CHECK(result.live == 200);
    FollowResult again = followed(PassEnd::confirmed);
    CHECK(hold_against_replica(state, again));
  }
}

TEST_CASE("a poll moves the checkpoint where the ETag or the number is another one") {
  const CollectionState state = compared();
  FollowResult result = followed(PassEnd::confirmed);
  auto next = checkpoint_after(state, result);
  REQUIRE(next);
  CHECK(next->cursor == Stamp{540});
  CHECK(next->etag == Stamp{600});
  CHECK(next->live == 203);
  result.etag = Stamp{500};
  CHECK(checkpoint_after(state, result));
  result.live = 200;
  CHECK_FALSE(checkpoint_after(state, result));
  result = followed(PassEnd::failed);
  result.report.error = Error(Errc::failing, "a 500");
  CHECK_FALSE(checkpoint_after(state, result));
  // The next poll lists all of it again, from where this one began.
  CHECK_FALSE(checkpoint_after(state, followed(PassEnd::left)));
}

TEST_CASE("what a poll counted is held against the next look, or carried on") {
  struct Case {
    const char* what;
    PassEnd end;
    bool counted;
    Counted then;
    std::int64_t live_since;  // after two before
  };
  const Case cases[] = {
      {"counted", PassEnd::confirmed, true, Counted::exactly, 0},
      {"not counted", PassEnd::confirmed, false, Counted::carried, 5},
      {"counted, and something is left", PassEnd::left, true, Counted::carried, 2},
      {"neither", PassEnd::left, false, Counted::carried, 2},
      {"it failed", PassEnd::failed, true, Counted::carried, 2},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CollectionState state = compared();
    state.counted = Counted::carried;
    state.live_since = 2;
    FollowResult result = followed(c.end);
    result.counted = c.counted;
    after_follow(state, result);
    CHECK((state.counted == c.then));
    CHECK(state.live_since == c.live_since);
    CHECK(state.deleted_since == (c.live_since == 5 ? 1 : 0));
  }
}

TEST_CASE("a poll says in sync only where the whole was compared, counted, and nothing is left") {
  CollectionState state = compared();
  FollowResult result = followed(PassEnd::confirmed);
  State then = State::in_sync;
  SUBCASE("so it is") {}
  SUBCASE("not counted") {
    result.counted = false;
    then = State::not_compared;
  }
  SUBCASE("not compared") {
    step(state, ChainEvent::unproven);
    then = State::not_compared;
  }
  SUBCASE("to be compared anew, since an operator wants it") {
    step(state, ChainEvent::asked);
  }
  SUBCASE("an audit has left something") {
    state.unsettled.emplace();
    state.unsettled->report.found.extra = 4;
    state.unsettled->report.add_example("a");
    then = State::different;
  }
  SUBCASE("an audit has left something, and the poll is not in sync by itself") {
    result.report.state = State::degraded;
    state.unsettled.emplace();
    state.unsettled->report.found.extra = 4;
    then = State::degraded;
  }
  after_follow(state, result);
  CHECK((result.report.state == then));
  CHECK(result.report.found.extra == (then == State::different ? 4 : 0));
  CHECK(result.report.examples.size() == (then == State::different ? 1 : 0));
}

TEST_CASE("a poll finds the replica in step where it was compared, and nothing is left") {
  CollectionState state = compared();
  CHECK(is_in_step(state, followed(PassEnd::confirmed)));
  CHECK_FALSE(is_in_step(state, followed(PassEnd::left)));
  state.unsettled.emplace();
  CHECK_FALSE(is_in_step(state, followed(PassEnd::confirmed)));
  state.unsettled.reset();
  step(state, ChainEvent::unproven);
  CHECK_FALSE(is_in_step(state, followed(PassEnd::confirmed)));
}

}  // namespace kinto_mirror::sync
