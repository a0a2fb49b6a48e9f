// How a replica's loop visits one collection.

#include "sync/decide/after_pass.hpp"
#include "sync/run/audit.hpp"
#include "sync/run/follow.hpp"
#include "sync/run/replica_loop.hpp"
#include "sync/run/single_run.hpp"

#include <utility>

namespace kinto_mirror::sync {

ResultTask<void> ReplicaLoop::run_audit(CollectionId id, CollectionState& state) {
  Before before = before_of(state.stored);
  before.broken = state.chain == Chain::broken;
  const Instant begin = context_.clock.now();
  BeforeFilling fills = [this, id] { return withdraw(id); };
  AuditResult result = co_await sync::audit(context_, id, before, std::move(fills));
  CollectionReport& report = result.report;
  if (state.chain != Chain::uncompared) result.seen.replica_fell = state.replica.fell;
  tell_resets(context_, report, before, result.seen);
  if (take_sight(state, result, begin)) {
    notice(id, "the master shows it again; everything was compared anew");
  }
  if (moves_checkpoint(result.end)) {
    const bool moved = !state.checkpoint || state.checkpoint->etag != result.etag;
    const Checkpoint now = checkpoint_of(context_, result);
    auto kept = co_await keep(state, now, to_store(report.brake, now, state.stored));
    if (!kept) result.fail(kept.error());
    const Instant ended = context_.clock.now();
    take_audit(state, result, moved, ended, context_.options);
    if (!kept) checkpoint_unkept(state, report.took, ended, context_.options.interval);
  }
  tell(report);
  if (report.error) co_return *report.error;
  after_audit(state, result, begin, context_.clock.now(), context_.options.interval);
  use_up_release(id, result);
  co_return success();
}

// Once: what is left of it is for the next audit only where this one has deleted all that it held.
void ReplicaLoop::use_up_release(const CollectionId& id, const AuditResult& result) {
  const auto released = context_.traits.released.find(id);
  if (released == context_.traits.released.end()) return;
  released->second -= result.report.written.deleted;
  if (!result.more_extras || released->second <= 0) context_.traits.released.erase(released);
}

ResultTask<void> ReplicaLoop::run_follow(CollectionId id, CollectionState& state) {
  const Instant begin = context_.clock.now();
  const bool late = begin >= state.restless_until;
  MayWrite may_write = [this, id] { return containers_stand(id); };
  FollowResult result = co_await sync::follow(context_, id, state, std::move(may_write));
  state.replica.added_since += result.report.written.grown();
  // The answer that it failed by may have been that of a batch which was carried out.
  if (result.end == PassEnd::failed && state.replica.base) state.replica.blurred = true;
  // The audit tells of it, if it meets the same.
  if (result.end == PassEnd::hidden) step(state, ChainEvent::asked);
  if (result.audit_because) break_chain(id, state, *result.audit_because);
  if (result.end == PassEnd::hidden || result.end == PassEnd::broken) {
    co_return co_await run_audit(id, state);
  }
  // Others may have written too: only the server knows.
  if (worked(result.end) && result.report.written.all() > 0) co_await count_replica(id, state);
  // It was counted before the master was, and others may have deleted or written since.
  if (beyond(state, result).value_or(0) < 0) co_await count_replica(id, state);
  if (const auto contradiction = hold_against_replica(state, result)) {
    break_chain(id, state, *contradiction);
    co_return co_await run_audit(id, state);
  }
  if (result.end == PassEnd::confirmed && late) step(state, OverlapEvent::passed);
  if (auto checkpoint = checkpoint_after(state, result)) {
    auto kept = co_await go_on(state, std::move(*checkpoint));
    if (!kept) result.fail(kept.error());
  }
  after_follow(state, result);
  tell(result.report);
  if (result.report.error) co_return *result.report.error;
  if (is_in_step(state, result)) state.in_step_at = begin;
  co_return success();
}

// Without an answer the number of before stays.
Task<void> ReplicaLoop::count_replica(const CollectionId& id, CollectionState& state) {
  const auto count = co_await context_.replica.count(kinto::records_path(id));
  if (count) state.replica.counted(count->live);
}

ResultTask<void> ReplicaLoop::go_on(CollectionState& state, Checkpoint checkpoint) {
  if (checkpoint.etag != state.checkpoint->etag) {
    be_restless(state, context_.clock.now(), context_.options.overlap);
    state.activity.changed(context_.clock.now(), rhythm());
  }
  // What pulled the brake before a restart, the audit that is due will tell.
  const bool braked = state.stored && state.stored->braked;
  Checkpoint stored = to_store(state.brake, checkpoint, state.stored);
  if (braked && !state.brake) stored = *state.stored;
  co_return co_await keep(state, std::move(checkpoint), std::move(stored));
}

ResultTask<void> ReplicaLoop::keep(CollectionState& state, Checkpoint now, Checkpoint stored) {
  if (state.stored != stored) {
    auto kept = co_await checkpoints_.store(stored);
    if (!kept) co_return kept.error();
    state.stored = std::move(stored);
  }
  state.checkpoint = std::move(now);
  co_return success();
}

ResultTask<void> ReplicaLoop::withdraw(CollectionId id) {
  auto withdrawn = co_await checkpoints_.withdraw(id);
  if (withdrawn) say_withdrawn(states_[id]);
  co_return withdrawn;
}

void ReplicaLoop::tell(const CollectionReport& report) const {
  const bool stopped = report.error && report.error->code == Errc::stopped;
  if (!stopped) context_.observer.pass_done(context_.replica.config().name, report);
}

}  // namespace kinto_mirror::sync
