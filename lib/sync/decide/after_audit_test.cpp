#include "sync/decide/after_pass.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync {

namespace {

constexpr Millis interval{5'000};

Instant at(std::int64_t ms) {
  return Instant(Millis(ms));
}

const Instant begin = at(90'000);
const Instant now = at(100'000);

// Compared at ETag 500 with 200 records, and 205 on the replica.
CollectionState compared() {
  CollectionState state;
  state.checkpoint.emplace();
  state.checkpoint->etag = Stamp{500};
  state.checkpoint->cursor = Stamp{440};
  state.checkpoint->live = 200;
  state.stored = state.checkpoint;
  step(state, ChainEvent::confirmed);
  state.replica.live = 205;
  state.replica.tell(5);
  return state;
}

AuditResult audited(State ended, bool confirmed = true) {
  AuditResult result;
  result.report.state = ended;
  result.confirmed = confirmed;
  result.counted = true;
  result.replica_live = 205;
  result.surplus = 5;
  return result;
}

}  // namespace

TEST_CASE("an audit has one end") {
  CHECK((end_of(audited(State::in_sync)) == PassEnd::confirmed));
  CHECK((end_of(audited(State::degraded)) == PassEnd::confirmed));
  CHECK((end_of(audited(State::brake)) == PassEnd::confirmed));
  CHECK((end_of(audited(State::different)) == PassEnd::different));
  CHECK((end_of(audited(State::different, false)) == PassEnd::left));
  CHECK((end_of(audited(State::degraded, false)) == PassEnd::left));
  AuditResult failed = audited(State::failed);
  failed.report.error = Error(Errc::failing, "a 500");
  CHECK((end_of(failed) == PassEnd::failed));
  AuditResult hidden = audited(State::not_shown, false);
  hidden.report.error = Error(Errc::not_found, "a 404");
  CHECK((end_of(hidden) == PassEnd::hidden));
}

TEST_CASE("there is no error where a pass has worked") {
  CHECK_FALSE(worked(PassEnd::hidden));
  CHECK_FALSE(worked(PassEnd::failed));
  CHECK_FALSE(worked(PassEnd::broken));
  CHECK(worked(PassEnd::left));
  CHECK(worked(PassEnd::different));
  CHECK(worked(PassEnd::confirmed));
}

TEST_CASE(
    "what is shown again is told once, and what the servers count is taken where it is known") {
  CollectionState state = compared();
  state.replica.fell = 2;
  AuditResult result = audited(State::in_sync);
  result.replica_live = 204;
  CHECK_FALSE(take_sight(state, result, PassEnd::hidden));
  CHECK(state.hidden);
  CHECK_FALSE(take_sight(state, result, PassEnd::failed));
  CHECK(state.hidden);
  CHECK(state.replica.live == 205);
  CHECK(state.replica.fell == 2);
  CHECK(take_sight(state, result, PassEnd::left));
  CHECK_FALSE(state.hidden);
  CHECK(state.replica.live == 204);
  CHECK(state.replica.fell == 0);
  CHECK_FALSE(take_sight(state, result, PassEnd::confirmed));
}

TEST_CASE("an audit that is confirmed mends the chain, and says what comes next") {
  Options options;
  CollectionState state = compared();
  step(state, ChainEvent::broke);
  state.remembered.add(Change{"forgotten", Stamp{490}, false});
  state.live_since = 7;
  AuditResult result = audited(State::degraded);
  result.report.brake.emplace();
  Refusal refusal;
  refusal.id = "refused";
  refusal.stamp = Stamp{480};
  result.report.quarantined.push_back(refusal);
  result.newest = Newest{"a", Stamp{495}};
  result.recent = {Change{"a", Stamp{495}, false}, Change{"refused", Stamp{480}, false}};
  take_audit(state, result, false, now, options);
  CHECK((state.chain == Chain::compared));
  CHECK(state.audit_at == now + options.audit_interval);
  CHECK(state.brake.has_value());
  CHECK(state.quarantine.holds("refused"));
  CHECK(state.newest.id == "a");
  CHECK(state.remembered.size() == 1);  // what is refused is not on the replica
  CHECK(state.remembered.holds("a", Known{Stamp{495}, false}));
  CHECK(state.replica.surplus == 5);
  CHECK((state.counted == Counted::exactly));
  CHECK(state.live_since == 0);
  CHECK((state.overlap == Overlap::at_rest));
}

TEST_CASE(
    "after an audit late commits may come where the ETag moved, and a late count is no base") {
  Options options;
  CollectionState state = compared();
  AuditResult result = audited(State::in_sync);
  result.counted = false;
  take_audit(state, result, true, now, options);
  CHECK((state.counted == Counted::baseless));
  CHECK((state.overlap == Overlap::restless));
  CHECK(state.restless_until == now + options.overlap);
}

TEST_CASE("an audit that has left something is repeated, later each time that it did not get on") {
  struct Case {
    const char* what;
    State ended;
    bool confirmed;
    std::int64_t deleted;
    int before;  // audits that left something, in a row
    int after;
    Millis wait;
    bool in_step;
  };
  const Case cases[] = {
      {"in sync", State::in_sync, true, 0, 2, 0, Millis{0}, true},
      {"the brake holds", State::brake, true, 0, 2, 0, Millis{0}, true},
      {"more extras than it may delete", State::different, true, 10, 2, 1, Millis{5'000}, true},
      {"something changed meanwhile", State::different, false, 0, 0, 1, Millis{5'000}, false},
      {"and again", State::different, false, 0, 1, 2, Millis{10'000}, false},
      {"and a third time", State::different, false, 0, 2, 3, Millis{20'000}, false},
      {"and it got on", State::different, false, 1, 2, 1, Millis{5'000}, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    for (const bool has_checkpoint : {true, false}) {
      CollectionState state = compared();
      if (!has_checkpoint) state.checkpoint.reset();
      state.audit_at = at(5);
      if (c.before > 0) state.unsettled = Unsettled{CollectionReport(), c.before};
      AuditResult result = audited(c.ended, c.confirmed);
      result.report.written.deleted = c.deleted;
      result.report.found.missing = 3;
      after_audit(state, result, end_of(result), begin, now, interval);
      CHECK((state.unsettled ? state.unsettled->audits : 0) == c.after);
      if (state.unsettled) CHECK(state.unsettled->report.found.missing == 3);
      CHECK(state.in_step_at.has_value() == c.in_step);
      if (state.in_step_at) CHECK(state.in_step_at == begin);
      CHECK(state.audit_at == (c.after > 0 ? now + c.wait : at(5)));
      // Polls go on where there is a checkpoint.
      const bool waits = c.after > 0 && !has_checkpoint;
      CHECK(state.not_before == (waits ? now + c.wait : Instant{}));
    }
  }
}

}  // namespace kinto_mirror::sync
