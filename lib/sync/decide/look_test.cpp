#include "sync/decide/look.hpp"

#include "sync/decide/test_state.hpp"

#include <doctest/doctest.h>

#include <optional>

namespace kinto_mirror::sync {

namespace {

using test::checkpoint_at;
using test::compared;
using test::now;

constexpr Millis overlap{60'000};

}  // namespace

TEST_CASE("a checkpoint that is stored already is no news") {
  CollectionState state = compared();
  const Checkpoint same = *state.stored;
  CHECK_FALSE(adopt(state, &same, now, overlap));
  CHECK(state.replica.live == 205);
  CollectionState none;
  CHECK_FALSE(adopt(none, nullptr, now, overlap));
}

TEST_CASE("a first checkpoint tells where to follow from, and is compared at once") {
  CollectionState state;
  const Checkpoint stored = checkpoint_at(500);
  CHECK_FALSE(adopt(state, &stored, now, overlap));
  CHECK(state.checkpoint == stored);
  CHECK(state.audit_at == now);
  CHECK((state.chain == Chain::uncompared));
  CHECK((state.overlap == Overlap::restless));
  CHECK(state.restless_until == now + overlap);
}

TEST_CASE("a first checkpoint that was withdrawn is compared before anything is followed from it") {
  CollectionState state;
  Checkpoint stored = checkpoint_at(500);
  stored.withdrawn = true;
  CHECK_FALSE(adopt(state, &stored, now, overlap));
  CHECK(comes_first(state.chain));
  CHECK_FALSE(is_proven(state.chain));
  // Another daemon, which has withdrawn it meanwhile, compares it.
  CollectionState known = compared();
  CHECK_FALSE(adopt(known, &stored, now, overlap));
  CHECK((known.chain == Chain::compared));
  CHECK(known.checkpoint->withdrawn);
}

TEST_CASE("another daemon's checkpoint is followed on from, and what was remembered is forgotten") {
  CollectionState state = compared();
  state.remembered.add(Change{"a", Stamp{490}, false});
  SUBCASE("of another ETag") {
    const Checkpoint stored = checkpoint_at(600);
    CHECK_FALSE(adopt(state, &stored, now, overlap));
    CHECK((state.overlap == Overlap::restless));
  }
  SUBCASE("of the same ETag") {
    Checkpoint stored = checkpoint_at(500);
    stored.cursor = Stamp{450};
    CHECK_FALSE(adopt(state, &stored, now, overlap));
    CHECK((state.overlap == Overlap::at_rest));
  }
  CHECK((state.chain == Chain::compared));
  CHECK(state.audit_at == now + overlap);
  CHECK(state.remembered.size() == 0);
  CHECK_FALSE(state.replica.live);
}

TEST_CASE("a checkpoint that is braked is compared at once, unless the brake is known to hold") {
  Checkpoint stored = checkpoint_at(500);
  stored.braked = true;
  CollectionState state = compared();
  SUBCASE("it is not known") {
    CHECK_FALSE(adopt(state, &stored, now, overlap));
    CHECK(state.audit_at == now);
  }
  SUBCASE("it is known") {
    state.brake.emplace();
    CHECK_FALSE(adopt(state, &stored, now, overlap));
    CHECK(state.audit_at == now + overlap);
  }
}

TEST_CASE("a checkpoint that is lost is told, and proves nothing any more") {
  CollectionState state = compared();
  CHECK(adopt(state, nullptr, now, overlap));
  CHECK_FALSE(state.checkpoint);
  CHECK((state.chain == Chain::uncompared));
}

TEST_CASE("a replica that has fewer records than at the last look has lost some") {
  struct Case {
    const char* what;
    std::optional<std::int64_t> before;
    std::int64_t live;
    bool brake;
    std::int64_t fell;
  };
  const Case cases[] = {
      {"as many", 205, 205, false, 0},
      {"more", 205, 207, false, 0},
      {"two fewer", 205, 203, false, 2},
      {"not known how many there were", std::nullopt, 3, false, 0},
      {"what the brake held is being deleted", 205, 200, true, 0},
      {"more than the brake held is gone", 205, 199, true, 6},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CollectionState state = compared();
    state.replica.live = c.before;
    if (c.brake) state.brake.emplace();
    const auto why = take_replica_count(state, c.live);
    CHECK(state.replica.live == c.live);
    CHECK(state.replica.fell == c.fell);
    CHECK(why.has_value() == (c.fell > 0));
  }
  CollectionState state = compared();
  CHECK(take_replica_count(state, 203) == "the replica lost 2 of its 205 records");
}

}  // namespace kinto_mirror::sync
