// What the applier does about records that the replica holds otherwise than was thought.

#include "sync/applier.hpp"
#include "sync/look_up.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

Write planned(Write write, Action action, Stamp guard) {
  write.action = action;
  write.guard = guard;
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
    const Action action = plan(write.change, known);
    if (action == Action::none) {
      ++applied_.already;
    } else if (action == Action::recheck) {
      ahead.push_back(std::move(replan));
    } else {
      again.push_back(planned(std::move(write), action, known ? known->stamp : Stamp{}));
    }
  }
  auto rechecked = co_await recheck(std::move(ahead), again);
  if (!rechecked) co_return rechecked.error();
  std::ranges::stable_sort(again, {}, [](const Write& write) { return write.change.stamp; });
  co_return again;
}

// The replica is ahead of what was listed. Only the master's word of now tells whether that is a
// drift to repair or a newer change that another daemon has brought.
ResultTask<void> Applier::recheck(std::vector<Replan> ahead, Batch& again) {
  if (ahead.empty()) co_return success();
  std::vector<std::string> ids;
  ids.reserve(ahead.size());
  for (const Replan& replan : ahead) ids.push_back(replan.first.change.id);
  auto found = co_await look_up(context_.master, collection_, std::move(ids), With::bodies);
  if (!found) co_return found.error();
  for (Replan& replan : ahead) {
    auto& [write, known] = replan;
    const auto now = found->find(write.change.id);
    if (now == found->end()) {  // neither record nor tombstone: no reason to touch the replica's
      leave(write);
      continue;
    }
    write.change.stamp = now->second.stamp;
    write.change.tombstone = now->second.tombstone;
    write.record = std::move(now->second.record);
    write.placed = write.change.stamp;
    const Action action = plan(write.change, known, Knowledge::confirmed);
    if (action == Action::none) {
      ++applied_.already;
      continue;
    }
    Write repaired = planned(std::move(write), action, known ? known->stamp : Stamp{});
    auto meant = co_await stands_as_meant(repaired);
    if (!meant) co_return meant.error();
    if (*meant) {
      ++applied_.already;
    } else {
      again.push_back(std::move(repaired));
    }
  }
  co_return success();
}

}  // namespace kinto_mirror::sync
