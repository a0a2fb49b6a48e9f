#pragma once
// Whether a listing that a server gives is the whole of a collection.

#include "sync/pass_context.hpp"

namespace kinto_mirror::sync {

// Success where `server` shows its user every record of the collection. Kinto answers 200 to
// whoever may create records in it, or read some of them, and lists only those, or none. What gives
// it away is the answer for a record that does not exist: 404 (with Kinto's errno 110) to whoever
// may read all, else 403. Errc::forbidden names the right that is missing.
ResultTask<void> shows_everything(kinto::Server& server, CollectionId id, const Clock& clock);

// The same of the master, and of the replica where its listing was read. Asked after a walk: only
// then may something be concluded from what it did not meet.
ResultTask<void> shown_whole(const PassContext& context, CollectionId id, bool replica_too);

}  // namespace kinto_mirror::sync
