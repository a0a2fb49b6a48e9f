#pragma once
// The entries of kinto.plugins.history: /buckets/B/history.

#include "model/context.hpp"

namespace kinto_mirror::model {

// An entry of a collection's deletion, at the end of the request or batch, where there is a
// history. Its own stamp is of then; the tombstone's is in its target. A bucket's deletion takes
// all along. (To whoever may read a single collection, and not its bucket, Kinto lists the entries
// whose object it was shown to; here that is 403.)
void note_in_history(Server& server, const Event& deletion);

}  // namespace kinto_mirror::model
