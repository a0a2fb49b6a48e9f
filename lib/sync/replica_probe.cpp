// How a replica's loop learns between two passes that something happened to a collection.

#include "sync/probe.hpp"
#include "sync/replica_loop.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

ResultTask<void> ReplicaLoop::adopt_checkpoints() {
  auto changes = co_await checkpoints_.changes();
  if (!changes) co_return changes.error();
  if (*changes) stored_ = std::move(**changes);
  // Without changes too: a collection may be listed now that was not when they were read.
  for (auto& [id, state] : states_) {
    const auto stored = stored_.find(id);
    adopt(id, state, stored == stored_.end() ? nullptr : &stored->second);
  }
  co_return success();
}

// The replica's checkpoint describes the replica's data better than our memory does: somebody may
// have restored or replaced both.
void ReplicaLoop::adopt(const CollectionId& id, CollectionState& state, const Checkpoint* stored) {
  if (stored == nullptr ? !state.stored : state.stored == *stored) return;
  const bool had_one = state.checkpoint.has_value();
  const bool moved = !had_one || stored == nullptr || stored->etag != state.checkpoint->etag;
  const Instant now = context_.clock.now();
  state.stored = stored == nullptr ? std::nullopt : std::optional(*stored);
  state.checkpoint = state.stored;
  state.remembered.clear();
  state.replica_live.reset();  // whoever stored it may have deleted records too
  if (!state.checkpoint) {
    state.audit_at = now;
    if (had_one) {
      context_.observer.notice(context_.replica.config().name, id,
                               "the replica lost its checkpoint; everything is compared anew");
    }
    return;
  }
  if (moved) be_restless(state);
  // Where the brake is known to hold, two daemons would answer each other's audits for ever.
  if (state.stored->braked && !state.brake) state.audit_at = now;
  if (had_one || state.stored->braked) return;
  const Millis age{context_.clock.wall().ms - state.checkpoint->audited.ms};
  const Millis left = context_.options.audit_interval - std::max(Millis{0}, age);
  state.audit_at = state.checkpoint->quarantined > 0 ? now : now + std::max(Millis{0}, left);
}

ResultTask<void> ReplicaLoop::probe() {
  auto asked = co_await probe_replica();
  if (!asked) co_return asked.error();
  co_return co_await probe_master();
}

// Nobody but us writes there, or it has records of its own: they may grow, not vanish.
ResultTask<void> ReplicaLoop::probe_replica() {
  std::vector<CollectionId> known;
  for (const auto& [id, state] : states_) {
    if (state.checkpoint) known.push_back(id);
  }
  auto counted = co_await counts(context_.replica, std::move(known));
  if (!counted) co_return counted.error();
  for (const auto& [id, count] : *counted) {
    CollectionState& state = states_[id];
    const std::int64_t missing = state.replica_live.value_or(count.live) - count.live;
    state.replica_live = count.live;
    if (missing > 0) audit_since(id, "the replica lost " + std::to_string(missing) + " records");
  }
  co_return success();
}

// Asks after the collections that would rest otherwise.
ResultTask<void> ReplicaLoop::probe_master() {
  const Instant begin = context_.clock.now();
  std::vector<CollectionId> resting;
  for (auto& [id, state] : states_) {
    state.moved = false;
    if (!due(state) && state.checkpoint) resting.push_back(id);
  }
  auto counted = co_await counts(context_.master, resting);
  if (!counted) co_return counted.error();
  for (const CollectionId& id : resting) {
    CollectionState& state = states_[id];
    const auto count = counted->find(id);
    state.moved = count == counted->end() || count->second.etag != state.checkpoint->etag;
    const bool same = !state.moved && count->second.live == state.checkpoint->live;
    // What waits for another try after a failure is asked after too, and may lack something.
    const bool settled = state.failures == 0 && state.open_audits == 0;
    if (same && settled) state.in_step_at = begin;
    if (state.moved || same) continue;
    // A past stamp, or a purge of tombstones, which no follow sees.
    audit_since(id, "the master's count changed without its ETag");
  }
  co_return success();
}

void ReplicaLoop::audit_since(const CollectionId& id, const std::string& what) {
  states_[id].audit_at = context_.clock.now();
  context_.observer.notice(context_.replica.config().name, id,
                           what + "; everything is compared anew");
}

}  // namespace kinto_mirror::sync
