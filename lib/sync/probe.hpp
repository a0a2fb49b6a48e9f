#pragma once
// Which collections moved: one small question for many. A hint, never the truth: late commits move
// no ETag, so audits do not ask here.

#include "kinto/server.hpp"

#include <unordered_map>
#include <vector>

namespace kinto_mirror::sync {

struct Probe {
  CollectionId id;
  Stamp etag;             // as last seen on the master
  std::int64_t live = 0;  // records of the master then
};

enum class Moved {
  changed,    // another ETag, or no clear answer: follow
  recounted,  // the same ETag, and another count: a past stamp or a purge, which no follow sees
};

// Those that do not rest. A master that answers no batches (a read-only one): everything counts as
// changed.
ResultTask<std::unordered_map<CollectionId, Moved>> moved(kinto::Server& master,
                                                          std::vector<Probe> probes);

}  // namespace kinto_mirror::sync
