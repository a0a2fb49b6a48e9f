#pragma once
// What becomes of a record whose stamp another object of the replica has: PostgreSQL holds each
// stamp once (hazard 12), so that the record stands at the next free one, and is meant to.

#include "sync/decide/merge_join.hpp"
#include "sync/pass_context.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace kinto_mirror::sync {

// True when a record that the master has at `wanted` stands at `actual` on the replica because
// every stamp between is taken there by other objects: a drift that is meant.
ResultTask<bool> stands_at_next_free(kinto::Server& replica, CollectionId collection, Stamp wanted,
                                     Stamp actual);

// The first stamp from `from` on that no object of the replica has, tombstones included.
ResultTask<Stamp> next_free(kinto::Server& replica, CollectionId collection, Stamp from);

// Takes out of `differences` the records that stand at the next free stamp with the master's body,
// as far as can be told without trying to repair them; returns their ids. REQUIRES: the replica was
// not seen to hold one stamp twice.
ResultTask<std::vector<std::string>> drop_meant(const PassContext& context, CollectionId collection,
                                                std::vector<Difference>& differences);

// The same members with the same values, but for `last_modified`, however they are spelled. Pure.
bool same_body(std::string_view one, std::string_view other);

// PostgreSQL holds a stamp once in a collection, a memory backend any number of times. Two records
// with one stamp, in the daemon's own collection on the replica, tell which; they are deleted
// again, and the answer is kept in `context.traits`. Nothing where it cannot be told: the user may
// not write there, or the server answers otherwise. REQUIRES: no dry run.
Task<std::optional<bool>> holds_stamps_once(const PassContext& context);

}  // namespace kinto_mirror::sync
