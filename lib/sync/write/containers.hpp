#pragma once
// The bucket and the collection around the records.

#include "sync/pass_context.hpp"

namespace kinto_mirror::sync {

// Makes sure that the replica has the collection, with the master's own metadata as its `data`
// where it has to be created (or nothing, where this user may not read it on the master). True when
// it was created now: nobody has read it yet.
ResultTask<bool> ensure_collection(const PassContext& context, CollectionId id);

// Where the daemon keeps what is its own on a replica.
CollectionId own_collection();

// Creates a bucket and a collection for the daemon's own use.
ResultTask<void> ensure_own_collection(kinto::Server& replica, CollectionId id);

// Whether a write of the daemon's own gets an answer that is no 5xx: records that break a server
// are told apart from a server that is broken so.
Task<bool> takes_writes(kinto::Server& replica);

// Whether what stands in front of the replica lets writes of this collection pass: it asks for one
// that Kinto itself refuses (412), since no record has the stamp 1, so that nothing is written.
Task<bool> lets_pass(kinto::Server& replica, CollectionId collection);

}  // namespace kinto_mirror::sync
