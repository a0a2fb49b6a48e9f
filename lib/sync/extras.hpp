#pragma once
// Deletes for lack of a counterpart: the exact mirror, and its brake.

#include "sync/applier.hpp"
#include "sync/merge_join.hpp"
#include "sync/report.hpp"

namespace kinto_mirror::sync {

// Deletes what the join found only on the replica, unless the brake holds or the master does not
// show the collection itself (its listing may then be a restricted one). The master is asked once
// more for each id before it goes. Brings report.brake and report.extra up to date.
// REQUIRES: the walk is complete on both sides, everything else is flushed.
ResultTask<void> remove_extras(const PassContext& context, MergeJoin& join, Applier& applier,
                               CollectionReport& report);

}  // namespace kinto_mirror::sync
