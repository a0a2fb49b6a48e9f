#pragma once
// A pass over a whole collection: load, audit, repair and check are this one walk.

#include "sync/decide/checkpoint.hpp"
#include "sync/decide/merge_join.hpp"
#include "sync/decide/plan.hpp"
#include "sync/decide/report.hpp"
#include "sync/decide/resets.hpp"
#include "sync/pass_context.hpp"

#include <optional>
#include <vector>

namespace kinto_mirror::sync {

struct AuditResult {
  CollectionReport report;
  // Where to follow from, once everything below is confirmed; only without report.error.
  Stamp cursor;
  Stamp etag;             // the master's, at the walk's first page
  Stamp date;             // likewise
  std::int64_t live = 0;  // records of the master as it counts them itself
  bool counted = false;   // ... at `etag`
  Seen seen;              // what resets are told by
  // The master wrote while it was read: what was counted is a little older than the end.
  bool moved = false;
  // Records that it wrote meanwhile and that were left to the next poll, for the order's sake.
  std::int64_t newer = 0;
  // Everything that was listed is applied, equal or refused.
  bool confirmed = false;
  // Records of the replica as it counts them itself, at the end; nothing where it did not.
  std::optional<std::int64_t> replica_live;
  // Records that the replica has beyond those of the master, those that it refused left out;
  // nothing where that cannot be told.
  std::optional<std::int64_t> surplus;
  Newest newest;               // of what the master listed, but for `newer`
  std::vector<Change> recent;  // likewise, what the next poll will read again
};

// With options.dry_run nothing is written anywhere. `context` outlives the coroutine.
Task<AuditResult> audit(const PassContext& context, CollectionId id, Before before);

}  // namespace kinto_mirror::sync
