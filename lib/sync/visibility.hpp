#pragma once
// Whether a listing that a server gives is the whole of a collection.
//
// Kinto answers 200 to whoever may create records in it, or read some of them, and lists and counts
// only those, or none. What gives it away is the answer for a record that does not exist: 404 (with
// Kinto's errno 110) to whoever may read all, else 403.

#include "sync/pass_context.hpp"

namespace kinto_mirror::sync {

// What a walk is begun with.
struct Sight {
  kinto::Count count;
  // Errc::forbidden, which names the right that is missing, where only a part is shown. A right may
  // be lost before the walk and given back during it, so that asking behind it is not enough.
  Result<void> whole = success();
};

ResultTask<Sight> first_sight(kinto::Server& server, CollectionId id, const Clock& clock);

// Success where `server` shows its user every record of the collection now.
ResultTask<void> shows_everything(kinto::Server& server, CollectionId id, const Clock& clock);

// The same of the master, and of the replica where its listing was read. Asked after a walk: only
// then may something be concluded from what it did not meet.
ResultTask<void> shown_whole(const PassContext& context, CollectionId id, bool replica_too);

}  // namespace kinto_mirror::sync
