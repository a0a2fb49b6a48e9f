#include "sync/decide/after_pass.hpp"

#include "sync/decide/visits.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// What the next poll reads again, and need not look up.
void remember(CollectionState& state, const AuditResult& result) {
  state.newest = result.newest;
  state.remembered.clear();
  for (const Change& change : result.recent) {
    if (!state.quarantine.holds(change.id)) state.remembered.add(change);
  }
}

// Where something was left, the next poll lists all of it again: its number is held against the
// same one of before, beside the same changes.
void take_count(CollectionState& state, const FollowResult& result) noexcept {
  if (result.end != PassEnd::confirmed) return;
  if (result.counted) {
    step(state, CountedEvent::counted);
  } else {
    step(state, CountedEvent::poll_late);
    state.live_since += result.live_changes;
    state.deleted_since += result.deleted_changes;
  }
}

void add_unsettled(const CollectionState& state, CollectionReport& report) {
  if (report.state != State::in_sync) return;
  if (!is_proven(state.chain)) report.state = State::not_compared;
  if (!state.unsettled) return;
  const CollectionReport& left = state.unsettled->report;
  report.state = State::different;
  report.found = left.found;
  report.examples = left.examples;
}

}  // namespace

PassEnd end_of(const CollectionReport& report, bool applied_all) noexcept {
  if (report.state == State::not_shown) return PassEnd::hidden;
  if (report.error) return PassEnd::failed;
  if (!applied_all) return PassEnd::left;
  return report.state == State::different ? PassEnd::different : PassEnd::confirmed;
}

bool take_sight(CollectionState& state, const AuditResult& result, Instant begin) noexcept {
  if (result.end == PassEnd::hidden) {
    state.hidden = true;
    state.hidden_at = begin;
  }
  if (!worked(result.end)) return false;
  state.replica.fell = 0;
  // As the server counts, which the next probe compares with: a memory backend leaves out live
  // records that have a member `deleted`, which the walk counts.
  state.replica.live = result.replica_live;
  return std::exchange(state.hidden, false);
}

void take_audit(CollectionState& state, const AuditResult& result, bool moved, Instant now,
                const Options& options) {
  state.brake = result.report.brake;
  state.quarantine.replace(result.report.quarantined, now);
  remember(state, result);
  state.replica.tell(result.surplus);
  step(state, result.counted ? CountedEvent::counted : CountedEvent::audit_late);
  step(state, ChainEvent::confirmed);
  state.audit_at = now + options.audit_interval;
  // What was under way at an ETag that was seen long ago has been committed since.
  if (moved) be_restless(state, now, options.overlap);
}

void checkpoint_unkept(CollectionState& state, Millis took, Instant now, Millis interval) {
  state.audit_at = now + std::max(wait_after(state.failures + 1, interval), took * 10);
}

void after_audit(CollectionState& state, const AuditResult& result, Instant begin, Instant now,
                 Millis interval) {
  if (result.end != PassEnd::left) state.in_step_at = begin;
  state.compared_at = begin;
  if (result.end == PassEnd::confirmed) {
    state.unsettled.reset();
    return;
  }
  // More extras than an audit holds are another audit's.
  const bool gets_on = result.report.written.deleted > 0;
  const int audits = gets_on || !state.unsettled ? 1 : state.unsettled->audits + 1;
  state.unsettled = Unsettled{result.report, audits};
  // Where there is a checkpoint, polls go on meanwhile.
  state.audit_at = now + wait_after(audits, interval);
  if (!state.checkpoint) state.not_before = state.audit_at;
}

std::optional<std::int64_t> beyond(const CollectionState& state, const FollowResult& result) {
  if (result.end != PassEnd::confirmed || !result.counted) return std::nullopt;
  return state.replica.beyond(result.live, state.quarantine.lacking());
}

bool holds_its_number(const CollectionState& state) noexcept {
  const auto more = state.replica.beyond(state.checkpoint->live, state.quarantine.lacking());
  return !more || *more + state.live_since + state.deleted_since >= 0;
}

std::optional<std::string> hold_against_replica(CollectionState& state, FollowResult& result) {
  const auto more = beyond(state, result);
  if (!more) return std::nullopt;
  auto contradiction = state.replica.contradiction(*more, result.live);
  if (!contradiction) {
    // What others have added is the replica's own.
    state.replica.tell(*state.replica.surplus + *more);
    return std::nullopt;
  }
  if (*more < 0 || state.replica.outgrown) return contradiction;
  state.replica.outgrown = true;
  result.counted = false;
  result.live = state.checkpoint->live;
  return std::nullopt;
}

std::optional<Checkpoint> checkpoint_after(const CollectionState& state,
                                           const FollowResult& result) {
  if (result.end != PassEnd::confirmed) return std::nullopt;
  const Checkpoint& before = *state.checkpoint;
  if (result.etag == before.etag && result.live == before.live) return std::nullopt;
  Checkpoint next = before;
  next.cursor = result.cursor;
  next.etag = result.etag;
  next.live = result.live;
  next.quarantined = static_cast<std::int64_t>(state.quarantine.size());
  next.refused = state.quarantine.ids(Checkpoint::max_refused);
  return next;
}

void after_follow(CollectionState& state, FollowResult& result) {
  take_count(state, result);
  CollectionReport& report = result.report;
  // What the master wrote between the list and its count may hide what came under past stamps.
  if (!result.counted && report.state == State::in_sync) report.state = State::not_compared;
  add_unsettled(state, report);
}

bool is_in_step(const CollectionState& state, const FollowResult& result) noexcept {
  return result.end == PassEnd::confirmed && !state.unsettled && is_proven(state.chain);
}

}  // namespace kinto_mirror::sync
