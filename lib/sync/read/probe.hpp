#pragma once
// How many objects plural endpoints have, and at which ETag: one small question for many. A hint,
// never the truth: late commits move no ETag, so audits do not ask here.

#include "kinto/server.hpp"

#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

struct Counts {
  std::unordered_map<std::string, kinto::Count> by_path;  // of those that gave a clear answer
  // A batch failed as a whole, and its parts did not: it may hold less than the server once said.
  bool parted = false;
  std::set<std::string> asked;  // for whoever asks in several turns: what was asked so far
};

// One endpoint that breaks a batch must not hide the others: a batch that fails is asked in
// halves, down to single ones. What fails by itself goes to `apart`, and is asked by itself until
// it answers. A server that answers no batches (a read-only one) gives none until it has been asked
// once for the count of one.
ResultTask<Counts> counts(kinto::Server& server, std::vector<std::string> paths,
                          std::set<std::string>& apart);

// What is newer than its stamp in each collection, ids and stamps only; nothing of those that gave
// no clear answer, or have more than fits one short page. Batches that fail are parted likewise.
ResultTask<std::unordered_map<CollectionId, kinto::Page>> recent(
    kinto::Server& server, std::vector<std::pair<CollectionId, Stamp>> since,
    std::set<std::string>& apart);

}  // namespace kinto_mirror::sync
