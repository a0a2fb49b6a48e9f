#pragma once
// A help for readers that come from another server (hazards 66 to 68).
//
// A replica's ETag starts at its own clock, above every stamp that a load brings. Who comes with
// the ETag of the master, or of another replica, then gets an empty list under a higher ETag, and
// kinto.js takes that for a server that was flushed, at each sync until the next change. One
// tombstone at the ETag ends it: whoever comes with an older stamp gets a change, and goes on.

#include "sync/decide/scope.hpp"
#include "sync/pass_context.hpp"

#include <optional>

namespace kinto_mirror::sync {

// Leaves a tombstone just above the replica's ETag where nothing that a reader is shown stands
// there. Not at the replica's present: changes of the master that are still to come must lie above
// it. REQUIRES: no dry run; the load or repair is complete. Where it is refused nothing is lost but
// the help: that is told to the observer, and is no failure. `etag`: the replica's, where it is
// known to stand above all that is shown; else it is asked for.
ResultTask<void> close(const PassContext& context, CollectionId id,
                       std::optional<Stamp> etag = std::nullopt);

// Takes away one that a crash has left alive, and that stands at this stamp.
ResultTask<void> remove_closing_mark(const PassContext& context, CollectionId id, Stamp held);

}  // namespace kinto_mirror::sync
