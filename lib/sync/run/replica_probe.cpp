// How a replica's loop learns between two passes that something happened to a collection.

#include "sync/read/probe.hpp"
#include "sync/run/replica_loop.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// Everything listed is on the replica, or was refused by it; and what was the newest is still
// there.
bool knows_all(const CollectionState& state, const kinto::Page& page) {
  const bool newest_is_due = state.newest.stamp > state.checkpoint->cursor;
  const auto is_newest = [&state](const kinto::Entry& entry) {
    return entry.id == state.newest.id;
  };
  if (newest_is_due && std::ranges::none_of(page.entries, is_newest)) return false;
  return std::ranges::all_of(page.entries, [&state](const kinto::Entry& entry) {
    return state.remembered.holds(entry.id, Known{entry.stamp, entry.deleted}) ||
           state.quarantine.holds(entry.id, entry.stamp);
  });
}

}  // namespace

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
  state.replica.live.reset();  // whoever stored it may have deleted records too
  if (!state.checkpoint) {
    state.proven = false;
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
  // Nobody looked while no daemon ran, nor under which configuration the last one did: what the
  // checkpoint tells is where to follow from, and no more, until it has been compared.
  state.audit_at = now;
}

ResultTask<void> ReplicaLoop::probe() {
  auto asked = co_await probe_replica();
  if (!asked) co_return asked.error();
  auto of_master = co_await probe_master();
  if (!of_master) co_return of_master.error();
  for (auto& [id, state] : states_) probe_brake(id, state);
  co_return success();
}

// The brake holds what the last audit counted. Where the replica has fewer records of its own by
// now, somebody let them go: another audit tells what is left.
void ReplicaLoop::probe_brake(const CollectionId& id, CollectionState& state) const {
  if (!state.brake || !state.probed) return;
  // What the master wrote since, or what a follow has yet to bring, is no answer to the brake.
  if (state.moved || state.broken) return;
  const auto more = state.replica.beyond(state.probed->live, state.quarantine.lacking());
  if (!more) return;
  const std::int64_t own = *state.replica.surplus + *more;
  if (*more >= 0 || context_.clock.now() >= state.audit_at) return;
  context_.observer.notice(context_.replica.config().name, id,
                           "of " + std::to_string(*state.replica.surplus) +
                               " records that only the replica had, " + std::to_string(own) +
                               " are left while the brake holds; everything is compared anew");
  state.audit_at = context_.clock.now();
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
    const std::int64_t before = state.replica.live.value_or(count.live);
    state.replica.live = count.live;
    if (count.live >= before) continue;
    if (state.brake && state.checkpoint && count.live >= state.checkpoint->live) {
      continue;  // what the brake held is being deleted by whoever may: see probe_brake()
    }
    state.replica.fell += before - count.live;
    break_chain(id, state,
                "the replica lost " + std::to_string(before - count.live) + " of its " +
                    std::to_string(before) + " records");
  }
  co_return success();
}

// Those that are read anyway too: what is read then is held against the count.
ResultTask<void> ReplicaLoop::probe_master() {
  const Instant begin = context_.clock.now();
  std::vector<CollectionId> known;
  for (auto& [id, state] : states_) {
    state.moved = false;
    state.overlap_known = false;
    state.probed.reset();
    if (state.checkpoint) known.push_back(id);
  }
  auto counted = co_await counts(context_.master, known);
  if (!counted) co_return counted.error();
  for (const CollectionId& id : known) {
    CollectionState& state = states_[id];
    if (const auto count = counted->find(id); count != counted->end()) state.probed = count->second;
    state.moved = state.uncounted || !state.probed || state.probed->etag != state.checkpoint->etag;
  }
  auto looked = co_await look_at_overlaps();
  if (!looked) co_return looked.error();
  for (const CollectionId& id : known) {
    CollectionState& state = states_[id];
    const Checkpoint& before = *state.checkpoint;
    const bool polled = state.restless && !state.overlap_known;
    if (state.moved || polled || state.broken) continue;
    if (state.overlap_known && begin >= state.restless_until) state.restless = false;
    if (state.probed->live == before.live) {
      // What waits for another try after a failure may lack something.
      const bool settled = state.failures == 0 && state.open_audits == 0 && state.proven;
      if (settled) state.in_step_at = begin;
      continue;
    }
    // No follow sees a past stamp, nor a purge of tombstones.
    break_chain(id, state,
                "the master counts " + std::to_string(state.probed->live) +
                    " records at the ETag at which it had " + std::to_string(before.live) +
                    ": they came under past stamps, or went without a tombstone");
  }
  co_return success();
}

// Late commits move no ETag, so that for the length of an overlap what was written lately is read
// again in each round: for all collections together, where they are not polled anyway.
ResultTask<void> ReplicaLoop::look_at_overlaps() {
  std::vector<std::pair<CollectionId, Stamp>> since;
  for (const auto& [id, state] : states_) {
    const bool asked = state.checkpoint && state.restless && !state.moved && !state.broken;
    const bool fits = std::cmp_less(state.remembered.size(), kinto::Server::most_recent);
    if (asked && fits) since.emplace_back(id, state.checkpoint->cursor);
  }
  auto lists = co_await recent(context_.master, std::move(since));
  if (!lists) co_return lists.error();
  for (const auto& [id, page] : *lists) {
    CollectionState& state = states_[id];
    state.overlap_known = page.etag == state.checkpoint->etag && knows_all(state, page);
  }
  co_return success();
}

}  // namespace kinto_mirror::sync
