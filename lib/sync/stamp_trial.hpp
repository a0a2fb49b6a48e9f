#pragma once
// Whether a replica holds each stamp once, found out by trying.

#include "sync/pass_context.hpp"

#include <optional>

namespace kinto_mirror::sync {

// PostgreSQL holds a stamp once in a collection, a memory backend any number of times. Two records
// with one stamp, in the daemon's own collection on the replica, tell which; they are deleted
// again, and the answer is kept in `context.traits`. Nothing where it cannot be told: the user may
// not write there, or the server answers otherwise. REQUIRES: no dry run.
Task<std::optional<bool>> holds_stamps_once(const PassContext& context);

}  // namespace kinto_mirror::sync
