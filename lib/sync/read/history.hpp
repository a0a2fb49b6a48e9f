#pragma once
// What the plugin `kinto.plugins.history` tells of deletions that left no tombstone.

#include "kinto/server.hpp"
#include "sync/decide/former_life.hpp"

namespace kinto_mirror::sync {

// Of a collection that was created anew the tombstone is gone: this is the proof that its records
// of before are deleted. A history that is not shown is no failure. (A bucket that was deleted
// takes its history along.)
ResultTask<FormerLife> newest_deletion(kinto::Server& master, CollectionId id);

}  // namespace kinto_mirror::sync
