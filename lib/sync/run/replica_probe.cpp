// How a replica's loop learns between two passes that something happened to a collection.

#include "sync/decide/look.hpp"
#include "sync/read/probe.hpp"
#include "sync/run/replica_loop.hpp"

#include <utility>
#include <vector>

namespace kinto_mirror::sync {

ResultTask<void> ReplicaLoop::adopt_checkpoints() {
  auto changes = co_await checkpoints_.changes();
  if (!changes) co_return changes.error();
  if (*changes) stored_ = std::move(**changes);
  // Without changes too: a collection may be listed now that was not when they were read.
  for (auto& [id, state] : states_) {
    const auto found = stored_.find(id);
    const Checkpoint* const stored = found == stored_.end() ? nullptr : &found->second;
    if (adopt(state, stored, context_.clock.now(), context_.options.overlap)) {
      notice(id, "the replica lost its checkpoint; everything is compared anew");
    }
  }
  co_return success();
}

ResultTask<void> ReplicaLoop::probe() {
  auto asked = co_await probe_replica();
  if (!asked) co_return asked.error();
  auto of_master = co_await probe_master();
  if (!of_master) co_return of_master.error();
  for (auto& [id, state] : states_) {
    const auto answered = hold_against_brake(state, context_.clock.now());
    if (answered) notice(id, *answered + "; everything is compared anew");
  }
  co_return success();
}

ResultTask<void> ReplicaLoop::probe_replica() {
  std::vector<CollectionId> known;
  for (const auto& [id, state] : states_) {
    if (state.checkpoint) known.push_back(id);
  }
  auto counted = co_await counts(context_.replica, known, replica_apart_);
  if (!counted) co_return counted.error();
  for (const CollectionId& id : known) {
    CollectionState& state = states_[id];
    const auto count = counted->by_id.find(id);
    const auto broken = count == counted->by_id.end()
                            ? miss_replica_count(state)
                            : take_replica_count(state, count->second.live);
    if (broken) break_chain(id, state, *broken);
  }
  greeted_ = greeted_ && !counted->parted;
  co_return success();
}

// Those that are read anyway too: what is read then is held against the count.
ResultTask<void> ReplicaLoop::probe_master() {
  const Instant begin = context_.clock.now();
  std::vector<CollectionId> known;
  for (auto& [id, state] : states_) {
    forget_round(state);
    if (state.checkpoint) known.push_back(id);
  }
  auto counted = co_await counts(context_.master, known, master_apart_);
  if (!counted) co_return counted.error();
  for (const CollectionId& id : known) {
    const auto count = counted->by_id.find(id);
    take_master_count(states_[id], count == counted->by_id.end() ? nullptr : &count->second);
  }
  greeted_ = greeted_ && !counted->parted;
  auto looked = co_await look_at_overlaps();
  if (!looked) co_return looked.error();
  for (const CollectionId& id : known) {
    CollectionState& state = states_[id];
    const auto contradiction = hold_against_master(state, begin);
    if (contradiction) break_chain(id, state, *contradiction);
  }
  co_return success();
}

// For all collections together, where they are not polled anyway.
ResultTask<void> ReplicaLoop::look_at_overlaps() {
  std::vector<std::pair<CollectionId, Stamp>> since;
  for (const auto& [id, state] : states_) {
    if (wants_overlap(state)) since.emplace_back(id, state.checkpoint->cursor);
  }
  auto lists = co_await recent(context_.master, std::move(since), overlaps_apart_);
  if (!lists) co_return lists.error();
  for (const auto& [id, page] : *lists) take_overlap(states_[id], page);
  co_return success();
}

}  // namespace kinto_mirror::sync
