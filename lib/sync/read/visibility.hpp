#pragma once
// Whether a listing that a server gives is the whole of a collection.
//
// Kinto answers 200 to whoever may create records in it, or read some of them, and lists and counts
// only those, or none. What gives it away is the answer for a record that does not exist: 404 (with
// Kinto's errno 110) to whoever may read all, else 403.

#include "sync/pass_context.hpp"

#include <string>
#include <vector>

namespace kinto_mirror::sync {

// Asked before a walk and behind it: only then may something be concluded from what the walk did
// not meet. (A right may be lost before it and given back before its end.)
struct Sight {
  kinto::Count count;
  // Errc::forbidden, which names the right that is missing, where only a part is shown.
  Result<void> whole = success();
};

// With `ids`, the count is of these only. REQUIRES: they fit into one address.
ResultTask<Sight> sight_of(kinto::Server& server, CollectionId id, const Clock& clock,
                           std::vector<std::string> ids = {});

// Success where `server` shows its user every record of the collection now.
ResultTask<void> shows_everything(kinto::Server& server, CollectionId id, const Clock& clock);

}  // namespace kinto_mirror::sync
