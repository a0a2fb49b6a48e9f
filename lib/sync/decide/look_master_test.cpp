#include "sync/decide/look.hpp"
#include "sync/decide/test_state.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::compared;
using test::now;

constexpr Millis overlap{60'000};

kinto::Count count_of(std::int64_t live, std::int64_t etag) {
  kinto::Count count;
  count.live = live;
  count.etag = Stamp{etag};
  return count;
}

CollectionState probed(std::int64_t live) {
  CollectionState state = compared();
  const kinto::Count count = count_of(live, 500);
  take_master_count(state, &count);
  return state;
}

kinto::Entry entry(const std::string& id, std::int64_t stamp) {
  kinto::Entry out;
  out.id = id;
  out.stamp = Stamp{stamp};
  return out;
}

}  // namespace

TEST_CASE("what the master counts tells whether a poll is due") {
  struct Case {
    const char* what;
    std::optional<std::int64_t> etag;
    Counted counted;
    bool moved;
  };
  const Case cases[] = {
      {"the checkpoint's ETag", 500, Counted::exactly, false},
      {"another one", 501, Counted::exactly, true},
      {"a lower one", 499, Counted::exactly, true},
      {"no answer", std::nullopt, Counted::exactly, true},
      {"a number that is carried on", 500, Counted::carried, true},
      {"no number at all", 500, Counted::baseless, true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CollectionState state = compared();
    state.counted = c.counted;
    const kinto::Count count = count_of(200, c.etag.value_or(0));
    take_master_count(state, c.etag ? &count : nullptr);
    CHECK(state.moved == c.moved);
    CHECK(state.probed.has_value() == c.etag.has_value());
  }
  CollectionState state = probed(200);
  state.moved = true;
  state.overlap = Overlap::looked_at;
  forget_round(state);
  CHECK_FALSE(state.moved);
  CHECK_FALSE(state.probed);
  CHECK((state.overlap == Overlap::restless));
}

TEST_CASE("the overlap is listed where nothing else will read it") {
  const auto restless = [] {
    CollectionState state = compared();
    be_restless(state, now, overlap);
    return state;
  };
  CollectionState state = restless();
  CHECK(wants_overlap(state));
  state.moved = true;
  CHECK_FALSE(wants_overlap(state));
  state = restless();
  step(state, ChainEvent::broke);
  CHECK_FALSE(wants_overlap(state));
  state = restless();
  state.checkpoint.reset();
  CHECK_FALSE(wants_overlap(state));
  CHECK_FALSE(wants_overlap(compared()));
  state = restless();
  for (std::int64_t i = 0; i < kinto::Server::most_recent; ++i) {
    CHECK(wants_overlap(state));
    state.remembered.add(Change{std::to_string(i), Stamp{490}, false});
  }
  CHECK_FALSE(wants_overlap(state));  // more than one short page shows
}

TEST_CASE("no poll is needed where all that the overlap lists is known, and the newest is there") {
  struct Case {
    const char* what;
    std::vector<kinto::Entry> listed;
    std::int64_t etag;
    bool known;
  };
  const std::vector<Case> cases{
      {"the same as before", {entry("a", 490), entry("refused", 480)}, 500, true},
      {"something unknown", {entry("a", 490), entry("b", 450)}, 500, false},
      {"a newer version", {entry("a", 495)}, 500, false},
      {"another version of what is refused", {entry("a", 490), entry("refused", 481)}, 500, false},
      {"without the newest", {entry("refused", 480)}, 500, false},
      {"nothing", {}, 500, false},
      {"at another ETag", {entry("a", 490)}, 501, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CollectionState state = compared();
    be_restless(state, now, overlap);
    state.newest = Newest{"a", Stamp{490}};
    state.remembered.add(Change{"a", Stamp{490}, false});
    Refusal refusal;
    refusal.id = "refused";
    refusal.stamp = Stamp{480};
    state.quarantine.refused(std::move(refusal), now);
    kinto::Page page;
    page.entries = c.listed;
    page.etag = Stamp{c.etag};
    take_overlap(state, page);
    CHECK((state.overlap == (c.known ? Overlap::looked_at : Overlap::restless)));
  }
}

TEST_CASE("a look at the master's number says in step, or breaks the chain, or says nothing") {
  struct Case {
    const char* what;
    CollectionState state;
    bool broken;
    bool in_step;
  };
  const auto with = [](CollectionState state, auto change) {
    change(state);
    return state;
  };
  const std::vector<Case> cases{
      {"as many", probed(200), false, true},
      {"more", probed(201), true, false},
      {"fewer", probed(199), true, false},
      {"a poll will tell", with(probed(201), [](CollectionState& s) { s.moved = true; }), false,
       false},
      {"a poll of the overlap will",
       with(probed(201), [](CollectionState& s) { s.overlap = Overlap::restless; }), false, false},
      {"the overlap was looked at",
       with(probed(201), [](CollectionState& s) { s.overlap = Overlap::looked_at; }), true, false},
      {"an audit will", with(probed(201), [](CollectionState& s) { step(s, ChainEvent::broke); }),
       false, false},
      {"a failure waits for another try",
       with(probed(200), [](CollectionState& s) { s.failures = 1; }), false, false},
      {"an audit has left something",
       with(probed(200), [](CollectionState& s) { s.unsettled.emplace(); }), false, false},
      {"never compared",
       with(probed(200), [](CollectionState& s) { step(s, ChainEvent::unproven); }), false, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CollectionState state = c.state;
    const auto why = hold_against_master(state, now);
    CHECK(why.has_value() == c.broken);
    CHECK(state.in_step_at.has_value() == c.in_step);
  }
  CollectionState state = probed(201);
  CHECK(hold_against_master(state, now) ==
        "the master counts 201 records at the ETag at which it had 200: they came under past "
        "stamps, or went without a tombstone");
}

TEST_CASE("the unrest ends with a look that began after the overlap") {
  for (const bool over : {false, true}) {
    CAPTURE(over);
    CollectionState state = probed(200);
    be_restless(state, now, overlap);
    step(state, OverlapEvent::all_known);
    CHECK_FALSE(hold_against_master(state, now + overlap - Millis{over ? 0 : 1}));
    CHECK((state.overlap == (over ? Overlap::at_rest : Overlap::looked_at)));
  }
}

TEST_CASE("where somebody lets records go that the brake holds, another audit is due") {
  struct Case {
    const char* what;
    std::int64_t replica;
    std::int64_t master;
    Millis audit_in;
    Chain chain;
    bool brake;
    bool moved;
    bool due;
  };
  const Case cases[] = {
      {"two of five have gone", 203, 200, overlap, Chain::compared, true, false, true},
      {"all are there", 205, 200, overlap, Chain::compared, true, false, false},
      {"no brake", 203, 200, overlap, Chain::compared, false, false, false},
      {"a poll will tell", 203, 200, overlap, Chain::compared, true, true, false},
      {"an audit comes first anyway", 203, 200, overlap, Chain::broken, true, false, false},
      {"an audit is due anyway", 203, 200, Millis{0}, Chain::compared, true, false, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CollectionState state = probed(c.master);
    if (c.brake) state.brake.emplace();
    state.replica.live = c.replica;
    state.moved = c.moved;
    state.chain = c.chain;
    state.audit_at = now + c.audit_in;
    const auto why = hold_against_brake(state, now);
    CHECK(why.has_value() == c.due);
    CHECK(state.audit_at == (c.due ? now : now + c.audit_in));
    if (why) {
      CHECK(why == "of 5 records that only the replica had, 3 are left while the brake holds");
    }
  }
}

}  // namespace kinto_mirror::sync
