#pragma once
// A pass over the newest changes of a collection.

#include "sync/decide/collection_state.hpp"
#include "sync/decide/report.hpp"
#include "sync/pass_context.hpp"

#include <optional>
#include <string>

namespace kinto_mirror::sync {

struct FollowResult {
  CollectionReport report;
  // What was read cannot be made sense of with the checkpoint: compare everything. Says why.
  std::optional<std::string> audit_because;
  // Everything that was read is applied, equal or refused.
  bool confirmed = false;
  // Where to follow from next time; the old values where not all was confirmed.
  Stamp cursor;
  Stamp etag;
  std::int64_t live = 0;          // records of the master at that ETag, as nearly as it can be told
  bool counted = false;           // ... and exactly
  std::int64_t live_changes = 0;  // that were not known, see Polled
  std::int64_t deleted_changes = 0;  // likewise
};

// Reads the master's changes since the checkpoint's cursor and applies those that the replica does
// not have. Brings `state`'s memory and quarantine up to date, not its checkpoint.
// REQUIRES: state.checkpoint; `context` and `state` outlive the coroutine.
Task<FollowResult> follow(const PassContext& context, CollectionId id, CollectionState& state);

}  // namespace kinto_mirror::sync
