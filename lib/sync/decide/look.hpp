#pragma once
// What a round's look at both servers means for one collection, before any visit: the stored
// checkpoint, the counts of both, and what was written lately. Pure.

#include "sync/decide/collection_state.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kinto_mirror::sync {

// What is stored now, null where nothing is; another daemon may have stored it, or somebody
// restored the replica, so that it describes the replica's data better than memory does. True where
// the replica has lost it.
bool adopt(CollectionState& state, const Checkpoint* stored, Instant now, Millis overlap);

// The replica is asked for its count whether or not it is the collection's turn.
bool wants_replica_count(const CollectionState& state);

// The replica has `live` records. Why the chain is broken: nobody but us writes there, or it has
// records of its own, which may grow and not vanish.
std::optional<std::string> take_replica_count(CollectionState& state, std::int64_t live);

// The replica gave no count. Why the chain is broken, where it gave none in the last round either:
// whether anything of the collection is left there is unknown. (Where a comparison works all the
// same, it takes twice as many such rounds the next time.)
std::optional<std::string> miss_replica_count(CollectionState& state);

// The master is asked for its count whatever its history says: something is known to go on.
// REQUIRES: state.checkpoint.
bool wants_master_count(const CollectionState& state);

// A round begins: what the last one was told of the master is old.
void forget_round(CollectionState& state) noexcept;

// The master's count, null where it gave none. REQUIRES: state.checkpoint.
void take_master_count(CollectionState& state, const kinto::Count* count);

// Late commits move no ETag: the overlap is listed together with those of other collections, where
// no poll will read it anyway.
bool wants_overlap(const CollectionState& state);

// What the master has newer than the cursor, as far as one short page goes. REQUIRES:
// wants_overlap().
void take_overlap(CollectionState& state, const kinto::Page& page);

// What the look that began then tells of a collection that no poll will read. Why the chain is
// broken: no follow sees a past stamp, nor a purge of tombstones. REQUIRES: state.checkpoint.
std::optional<std::string> hold_against_master(CollectionState& state, Instant begin);

// The brake holds what the last audit counted. Where the replica has fewer records of its own by
// now, somebody let them go: why another audit is due, which tells what is left.
std::optional<std::string> hold_against_brake(CollectionState& state, Instant now);

}  // namespace kinto_mirror::sync
