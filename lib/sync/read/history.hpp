#pragma once
// What the plugin `kinto.plugins.history` tells of deletions that left no tombstone.

#include "kinto/server.hpp"

#include <optional>

namespace kinto_mirror::sync {

// The stamp at which a collection that exists was deleted the last time before it was created anew:
// its tombstone is gone then, and this is the proof that its records of before are deleted. Nothing
// where that never was, or the history is not shown. (A bucket that was deleted takes its history
// along.)
ResultTask<std::optional<Stamp>> newest_deletion(kinto::Server& master, CollectionId id);

}  // namespace kinto_mirror::sync
