#include "sync/decide/visits.hpp"

#include "sync/decide/suspects.hpp"
#include "sync/decide/test_state.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::compared;
using test::moment;
using test::now;

constexpr Millis interval{5'000};

template <class Change>
CollectionState changed(Change change) {
  CollectionState state = compared();
  change(state);
  return state;
}

CollectionState sized(std::int64_t live, CollectionState state) {
  state.probed.emplace();
  state.probed->live = live;
  return state;
}

CollectionState refused() {
  CollectionState state = compared();
  Refusal refusal;
  refusal.id = "a";
  state.quarantine.refused(std::move(refusal), moment(0));  // its time comes after a minute
  return state;
}

}  // namespace

TEST_CASE("a collection is visited for one reason, the strongest first") {
  struct Case {
    const char* what;
    CollectionState state;
    std::optional<Why> why;
  };
  const std::vector<Case> cases{
      {"at rest", compared(), std::nullopt},
      {"moved", changed([](CollectionState& s) { s.moved = true; }), Why::changes},
      {"restless", changed([](CollectionState& s) { s.overlap = Overlap::restless; }),
       Why::changes},
      {"its overlap was looked at",
       changed([](CollectionState& s) { s.overlap = Overlap::looked_at; }), std::nullopt},
      {"a server was lost by it", changed([](CollectionState& s) { s.lost = true; }), Why::changes},
      {"a record is due", refused(), Why::changes},
      {"time for an audit", changed([](CollectionState& s) { s.audit_at = now; }), Why::routine},
      {"the same, and moved", changed([](CollectionState& s) { s.audit_at = now, s.moved = true; }),
       Why::routine},
      {"no checkpoint", changed([](CollectionState& s) { s.checkpoint.reset(); }), Why::broken},
      {"doubted", changed([](CollectionState& s) { step(s, ChainEvent::asked); }), Why::broken},
      {"broken", changed([](CollectionState& s) { step(s, ChainEvent::broke); }), Why::broken},
      {"broken, and it is not time to try again", changed([](CollectionState& s) {
         step(s, ChainEvent::broke), s.not_before = moment(100'001);
       }),
       std::nullopt},
      {"broken, and it is",
       changed([](CollectionState& s) { step(s, ChainEvent::broke), s.not_before = now; }),
       Why::broken},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK((due(c.state, now) == c.why));
  }
}

TEST_CASE("changes come first, then broken chains, then audits: new ones by size, others by age") {
  const auto routine = [](std::int64_t due_since, bool proven) {
    CollectionState state = compared();
    if (!proven) step(state, ChainEvent::unproven);
    state.audit_at = moment(due_since);
    return state;
  };
  CollectionState moved = compared();
  moved.moved = true;
  CollectionState broken = compared();
  step(broken, ChainEvent::broke);
  const std::map<CollectionId, CollectionState> states{
      {CollectionId("b", "again-late"), sized(1, routine(90'000, true))},
      {CollectionId("b", "again-early"), sized(900, routine(80'000, true))},
      {CollectionId("b", "broken-large"), sized(70, broken)},
      {CollectionId("b", "broken-small"), sized(7, broken)},
      {CollectionId("b", "changed"), sized(1'000, moved)},
      {CollectionId("b", "changed-too"), sized(1'000, moved)},
      {CollectionId("b", "new-large"), sized(60, routine(10'000, false))},
      {CollectionId("b", "new-small"), sized(6, routine(20'000, false))},
      {CollectionId("b", "resting"), sized(5, compared())},
  };
  std::vector<std::string> order;
  for (const Visit& visit : due_visits(states, now)) order.push_back(visit.id.collection);
  CHECK(order == std::vector<std::string>{"changed", "changed-too", "broken-small", "broken-large",
                                          "new-small", "new-large", "again-early", "again-late"});
}

TEST_CASE(
    "the wait doubles from the interval up to a minute, or the interval where that is longer") {
  struct Case {
    int failures;
    int seconds;
  };
  const Case cases[] = {{1, 5}, {2, 10}, {3, 20}, {4, 40}, {5, 60}, {6, 60}};
  for (const Case& c : cases) {
    CAPTURE(c.failures);
    CHECK(wait_after(c.failures, interval) == Millis(c.seconds * 1'000));
  }
  CHECK(wait_after(9, Millis{90'000}) == Millis{90'000});
}

TEST_CASE("what failed is visited again after a wait, and what was not proven is followed on") {
  struct Case {
    const char* what;
    bool audit;
    bool has_checkpoint;
    Errc code;
    Chain chain;
    int failures;       // after two before
    Millis not_before;  // from now on; 0: as soon as may be
    Millis audit_at;    // from now on
    Chain then;
  };
  constexpr Millis minute{60'000};
  constexpr Millis doubled{20'000};  // after the third failure
  const Case cases[] = {
      {"a follow", false, true, Errc::failing, Chain::compared, 3, doubled, minute,
       Chain::compared},
      {"an audit", true, true, Errc::failing, Chain::compared, 3, doubled, minute, Chain::compared},
      {"a follow that a record holds up", false, true, Errc::held_up, Chain::compared, 2,
       Suspects::a_bad_moment, minute, Chain::compared},
      {"an audit that a record holds up", true, true, Errc::held_up, Chain::broken, 2,
       Suspects::a_bad_moment, minute, Chain::broken},
      {"a follow that met an old answer", false, true, Errc::unproven, Chain::compared, 2,
       Millis{10'000}, minute, Chain::compared},
      {"an audit that met one", true, true, Errc::unproven, Chain::compared, 3, Millis{0}, doubled,
       Chain::uncompared},
      {"an audit that met one, of a new collection", true, false, Errc::unproven, Chain::uncompared,
       3, doubled, minute, Chain::uncompared},
      {"an audit that met one, of a broken chain", true, true, Errc::unproven, Chain::broken, 3,
       doubled, minute, Chain::broken},
      {"an audit that met one, and was asked for", true, true, Errc::unproven, Chain::doubted, 3,
       doubled, minute, Chain::doubted},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CollectionState state = compared();
    state.chain = c.chain;
    if (!c.has_checkpoint) state.checkpoint.reset();
    state.failures = 2;
    visit_failed(state, c.audit, c.code, now, interval);
    CHECK(state.failures == c.failures);
    const bool waits = c.not_before != Millis{0};
    CHECK(state.not_before == (waits ? now + c.not_before : Instant{}));
    CHECK(state.audit_at == now + c.audit_at);
    CHECK((state.chain == c.then));
  }
}

TEST_CASE("a visit that worked ends the waiting") {
  CollectionState state = compared();
  state.failures = 3;
  state.lost = true;
  visit_worked(state);
  CHECK(state.failures == 0);
  CHECK_FALSE(state.lost);
}

}  // namespace kinto_mirror::sync
