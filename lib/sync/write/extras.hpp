#pragma once
// Deletes for lack of a counterpart: the exact mirror, and its brake.

#include "sync/decide/checkpoint.hpp"
#include "sync/decide/merge_join.hpp"
#include "sync/decide/report.hpp"
#include "sync/write/applier.hpp"

#include <optional>

namespace kinto_mirror::sync {

// Extras that stay although the brake lets them go.
struct ExtrasLeft {
  std::int64_t newer = 0;  // the master has written them since the walk began: the next poll's
  std::int64_t open = 0;   // the master has them after all, and another version
};

// Which extras may go.
struct LeaveToDelete {
  bool all = false;  // in an exact mirror, under the brake
  // All of the collection was deleted on the master then, and created anew, as its history proves:
  // what stands at most there goes without the brake, and in `keep` too.
  std::optional<Stamp> up_to;
};

// Deletes what the join found only on the replica, unless the brake holds. The master is asked once
// more for each id before it goes. Brings report.brake and report.found.extra up to date.
// REQUIRES: the walk is complete on both sides, everything else is flushed; the master was seen to
// show the whole collection after it.
// `before`: of the master when all of it was on the replica; nothing where that never was.
// `proven`: the master's list was held against its count, so that what it did not show is not
// there; else the count of each few ids must say the same.
ResultTask<ExtrasLeft> remove_extras(const PassContext& context, MergeJoin& join, Applier& applier,
                                     CollectionReport& report, const Before& before,
                                     LeaveToDelete leave, bool proven);

}  // namespace kinto_mirror::sync
