// What the applier does about records that the replica holds otherwise than was thought.

#include "sync/read/look_up.hpp"
#include "sync/write/applier.hpp"
#include "sync/write/free_stamps.hpp"

#include <algorithm>
#include <set>

namespace kinto_mirror::sync {

namespace {

Write planned(Write write, Action action, std::optional<Known> known) {
  write.action = action;
  write.replica = known;
  return write;
}

}  // namespace

ResultTask<Applier::Batch> Applier::replan(std::vector<Replan> replans) {
  Batch again;
  std::vector<Replan> ahead;
  for (Replan& replan : replans) {
    auto& [write, known] = replan;
    // An extra that changed since it was listed is somebody's record: the next pass looks again.
    if (write.for_lack) {
      leave(write);
      continue;
    }
    // The replica holds something else than was planned with, so somebody else replicates too, or
    // the master has moved on: what was listed may be old, whatever its stamp says.
    if (plan(write.change, known) == Action::none) {
      ++applied_.already;
    } else {
      ahead.push_back(std::move(replan));
    }
  }
  auto rechecked = co_await recheck(std::move(ahead), again);
  if (!rechecked) co_return rechecked.error();
  std::ranges::stable_sort(again, {}, [](const Write& write) { return write.change.stamp; });
  co_return again;
}

// Only the master's word of now tells whether the replica's version is a drift to repair, an older
// one, or a newer change that another daemon has brought.
ResultTask<void> Applier::recheck(std::vector<Replan> ahead, Batch& again) {
  if (ahead.empty()) co_return success();
  std::vector<std::string> ids;
  ids.reserve(ahead.size());
  for (const Replan& replan : ahead) ids.push_back(replan.first.change.id);
  // Asked first by a question that no cache answers, so that an old answer to the next one shows.
  const auto now_there = co_await context_.master.count(kinto::records_path(collection_));
  if (!now_there) co_return now_there.error();
  auto found =
      co_await look_up(context_.master, collection_, std::move(ids), With::bodies, Word::of_now);
  if (!found) co_return found.error();
  bool recreates = false;
  std::set<Stamp> freed;  // by records that leave them, unless they are refused
  for (Replan& replan : ahead) {
    auto& [write, known] = replan;
    const auto now = found->find(write.change.id);
    // Neither record nor tombstone: no reason to touch the replica's. Or it changes right now.
    if (now == found->end() || (!now->second.tombstone && now->second.record.empty())) {
      leave(write);
      continue;
    }
    // The replica has given the bytes of before the very stamp that the master gave the new ones.
    const bool same_stamp_only = write.accepted && known && !known->tombstone &&
                                 known->stamp == now->second.stamp &&
                                 write.change.stamp != now->second.stamp;
    // A version that is newer than what was read comes in its turn: written now, it would overtake
    // older changes of other records, which readers would miss then.
    const bool later = horizon_ && now->second.stamp > *horizon_;
    if (later && now->second.stamp > write.change.stamp && !same_stamp_only) {
      ++applied_.newer;
      continue;
    }
    if (write.change.stamp != now->second.stamp) write.accepted = false;
    write.change.stamp = now->second.stamp;
    write.change.tombstone = now->second.tombstone;
    write.record = std::move(now->second.record);
    write.placed = write.change.stamp;
    Action action = plan(write.change, known, Knowledge::confirmed);
    if (action == Action::none && same_stamp_only) action = Action::update;
    Write repaired = planned(std::move(write), action, known);
    auto needed = co_await allow_recreate(repaired, freed);
    if (!needed) co_return needed.error();
    if (known && repaired.action != Action::none) freed.insert(known->stamp);
    recreates = recreates || repaired.action == Action::recreate;
    if (repaired.action == Action::none) {
      ++applied_.already;
    } else {
      again.push_back(std::move(repaired));
    }
  }
  // Whoever may write single records only could delete one, and not create it again.
  if (recreates) co_return co_await shows_everything_now(context_.replica);
  co_return success();
}

// A recreate deletes first, and what the replica refuses then is lost to it. So it must have taken
// the record before, as a plain update, which it stores under a stamp of its own choice. Nothing is
// to be repaired where the record stands at the next free stamp of a replica that holds each once.
// (Unless this very pass frees a stamp between, for a whole run of them may have been pushed on.
// What is to leave such a stamp may be refused, and stay: so the record waits for a round, or each
// audit would write it anew, to where it stands.)
ResultTask<void> Applier::allow_recreate(Write& write, const std::set<Stamp>& freed) const {
  if (write.action != Action::recreate) co_return success();
  if (write.accepted && !holds_stamps_once()) co_return success();
  const auto nearest = freed.lower_bound(write.change.stamp);
  if (nearest != freed.end() && *nearest < write.guard()) {
    if (!write.accepted) write.action = write.waited ? Action::update : Action::recheck;
    write.waited = true;
    co_return success();
  }
  const auto stands = co_await stands_at_next_free(context_.replica, collection_,
                                                   write.change.stamp, write.guard());
  if (!stands) co_return stands.error();
  if (*stands) {
    const std::optional<bool> once = co_await sync::holds_stamps_once(context_);
    if (once.value_or(false)) {
      write.action = Action::none;
      co_return success();
    }
  }
  if (!write.accepted) write.action = Action::update;
  co_return success();
}

}  // namespace kinto_mirror::sync
