#pragma once
// How many records collections have, and at which ETag: one small question for many. A hint, never
// the truth: late commits move no ETag, so audits do not ask here.

#include "kinto/server.hpp"

#include <unordered_map>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

// Those that gave a clear answer. A server that answers no batches (a read-only one) gives none
// until it has been asked once for the count of one.
ResultTask<std::unordered_map<CollectionId, kinto::Count>> counts(kinto::Server& server,
                                                                  std::vector<CollectionId> ids);

// What is newer than its stamp in each collection, ids and stamps only; nothing of those that gave
// no clear answer, or have more than fits one short page.
ResultTask<std::unordered_map<CollectionId, kinto::Page>> recent(
    kinto::Server& server, std::vector<std::pair<CollectionId, Stamp>> since);

}  // namespace kinto_mirror::sync
