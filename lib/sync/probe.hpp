#pragma once
// Which collections moved: one small question for many. A hint, never the truth: late commits and
// past stamps move no ETag, so audits do not ask here.

#include "kinto/server.hpp"

#include <unordered_set>
#include <vector>

namespace kinto_mirror::sync {

struct Probe {
  CollectionId id;
  Stamp etag;  // as last seen on the master
};

// Those whose ETag is another one now, and those that gave no clear answer. A read-only master
// answers no batches: everything counts as moved then.
ResultTask<std::unordered_set<CollectionId>> moved(kinto::Server& master,
                                                   std::vector<Probe> probes);

}  // namespace kinto_mirror::sync
