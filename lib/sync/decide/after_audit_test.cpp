#include "sync/decide/after_pass.hpp"
#include "sync/decide/test_state.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync {

namespace {

using test::compared;
using test::moment;
using test::now;

constexpr Millis interval{5'000};

const Instant begin = moment(90'000);

AuditResult audited(PassEnd end) {
  AuditResult result;
  result.end = end;
  result.counted = true;
  result.replica_live = 205;
  result.surplus = 5;
  return result;
}

}  // namespace

TEST_CASE("an audit has one end") {
  struct Case {
    const char* what;
    State state;
    bool error;
    bool applied_all;
    PassEnd end;
  };
  const Case cases[] = {
      {"in sync", State::in_sync, false, true, PassEnd::confirmed},
      {"but for what was refused", State::degraded, false, true, PassEnd::confirmed},
      {"but for what the brake holds", State::brake, false, true, PassEnd::confirmed},
      {"other extras", State::different, false, true, PassEnd::different},
      {"something changed meanwhile", State::different, false, false, PassEnd::left},
      {"the same, and something was refused", State::degraded, false, false, PassEnd::left},
      {"an error", State::failed, true, true, PassEnd::failed},
      {"an error in the middle", State::failed, true, false, PassEnd::failed},
      {"the master does not show it", State::not_shown, true, false, PassEnd::hidden},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CollectionReport report;
    report.state = c.state;
    if (c.error) report.error = Error(Errc::failing, "a 500");
    CHECK((end_of(report, c.applied_all) == c.end));
  }
}

TEST_CASE("the checkpoint may move where all was applied") {
  for (const PassEnd end : {PassEnd::hidden, PassEnd::failed, PassEnd::broken, PassEnd::left}) {
    CHECK_FALSE(moves_checkpoint(end));
  }
  CHECK(moves_checkpoint(PassEnd::different));
  CHECK(moves_checkpoint(PassEnd::confirmed));
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
  const auto ended = [](PassEnd end) {
    AuditResult result = audited(end);
    result.replica_live = 204;
    return result;
  };
  CHECK_FALSE(take_sight(state, ended(PassEnd::hidden), now));
  CHECK(state.hidden);
  CHECK(state.hidden_at == now);
  CHECK_FALSE(take_sight(state, ended(PassEnd::failed), now));
  CHECK(state.hidden);
  CHECK(state.replica.live == 205);
  CHECK(state.replica.fell == 2);
  CHECK(take_sight(state, ended(PassEnd::left), now));
  CHECK_FALSE(state.hidden);
  CHECK(state.replica.live == 204);
  CHECK(state.replica.fell == 0);
  CHECK_FALSE(take_sight(state, ended(PassEnd::confirmed), now));
}

TEST_CASE("an audit that is confirmed mends the chain, and says what comes next") {
  Options options;
  CollectionState state = compared();
  step(state, ChainEvent::broke);
  state.remembered.add(Change{"forgotten", Stamp{490}, false});
  state.live_since = 7;
  AuditResult result = audited(PassEnd::confirmed);
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
  AuditResult result = audited(PassEnd::confirmed);
  result.counted = false;
  take_audit(state, result, true, now, options);
  CHECK((state.counted == Counted::baseless));
  CHECK((state.overlap == Overlap::restless));
  CHECK(state.restless_until == now + options.overlap);
}

TEST_CASE("an audit whose checkpoint was not kept is repeated, and takes a tenth of the time") {
  struct Case {
    int failures;
    Millis took;
    Millis wait;
  };
  for (const Case& c : {Case{0, Millis{10}, interval}, Case{2, Millis{10}, Millis{20'000}},
                        Case{0, Millis{30'000}, Millis{300'000}}}) {
    CAPTURE(c.failures);
    CollectionState state = compared();
    state.failures = c.failures;
    checkpoint_unkept(state, c.took, now, interval);
    CHECK(state.audit_at == now + c.wait);
    CHECK((state.chain == Chain::compared));
  }
}

TEST_CASE("an audit that has left something is repeated, later each time that it did not get on") {
  struct Case {
    const char* what;
    std::int64_t deleted;
    Millis wait;
    PassEnd end;
    int before;  // audits that left something, in a row
    int after;
    bool in_step;
  };
  constexpr Millis never{0};
  const Case cases[] = {
      {"in sync, or the brake holds", 0, never, PassEnd::confirmed, 2, 0, true},
      {"more extras than it may delete", 10, interval, PassEnd::different, 2, 1, true},
      {"something changed meanwhile", 0, interval, PassEnd::left, 0, 1, false},
      {"and again", 0, 2 * interval, PassEnd::left, 1, 2, false},
      {"and a third time", 0, 4 * interval, PassEnd::left, 2, 3, false},
      {"and it got on", 1, interval, PassEnd::left, 2, 1, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    for (const bool has_checkpoint : {true, false}) {
      CollectionState state = compared();
      if (!has_checkpoint) state.checkpoint.reset();
      state.audit_at = moment(5);
      if (c.before > 0) state.unsettled = Unsettled{CollectionReport(), c.before};
      AuditResult result = audited(c.end);
      result.report.written.deleted = c.deleted;
      result.report.found.missing = 3;
      after_audit(state, result, begin, now, interval);
      CHECK((state.unsettled ? state.unsettled->audits : 0) == c.after);
      if (state.unsettled) CHECK(state.unsettled->report.found.missing == 3);
      CHECK(state.in_step_at.has_value() == c.in_step);
      if (state.in_step_at) CHECK(state.in_step_at == begin);
      CHECK(state.audit_at == (c.after > 0 ? now + c.wait : moment(5)));
      // Polls go on where there is a checkpoint.
      const bool waits = c.after > 0 && !has_checkpoint;
      CHECK(state.not_before == (waits ? now + c.wait : Instant{}));
    }
  }
}

}  // namespace kinto_mirror::sync
