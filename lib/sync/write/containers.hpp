#pragma once
// The bucket and the collection around the records.

#include "sync/pass_context.hpp"

#include <string>

namespace kinto_mirror::sync {

// Makes sure that the replica has the collection, with the master's own metadata as its `data`
// where it has to be created (or nothing, where this user may not read it on the master). True when
// it was created now: nobody has read it yet.
ResultTask<bool> ensure_collection(const PassContext& context, CollectionId id);

// Where the daemon keeps what is its own on a replica.
CollectionId own_collection();

// Asks for the list at `path` once, whatever the answer: a read-only node on the same PostgreSQL
// answers 503 to a list that was never asked for on this one (hazard 38). Those of collections and
// records are asked for anyway.
Task<void> warm(kinto::Server& replica, std::string path);

// Creates a bucket and a collection for the daemon's own use.
ResultTask<void> ensure_own_collection(kinto::Server& replica, CollectionId id);

// Whether a write of the daemon's own gets an answer that is no 5xx: records that break a server
// are told apart from a server that is broken so.
Task<bool> takes_writes(kinto::Server& replica);

// Writes that change nothing, to find out what stands in front of the replica lets pass: records
// that the collection holds there, as they are, or an empty one. Kinto itself refuses them (412),
// since they are to replace a version with the stamp 1, which none has.
Task<std::vector<kinto::Subrequest>> harmless_writes(kinto::Server& replica,
                                                     CollectionId collection);

// Whether Kinto itself answers one of them.
Task<bool> lets_pass(kinto::Server& replica, std::vector<kinto::Subrequest> writes);

}  // namespace kinto_mirror::sync
