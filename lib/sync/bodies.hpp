#pragma once
// Turns differences of a listing without bodies into writes with the master's bytes.

#include "sync/merge_join.hpp"
#include "sync/pass_context.hpp"
#include "sync/write.hpp"

#include <vector>

namespace kinto_mirror::sync {

// The write that `difference` asks for; Action::none where it asks for none.
Write to_write(Difference difference);

// True when reading the whole stretch of the master's listing costs less than asking for the ids:
// most of what lies there is wanted. Pure.
bool dense(const std::vector<Write>& wanted, std::int64_t rows_between) noexcept;

// Fills in Write::record of those that need one, in at most a few requests. A record that changed
// or went away meanwhile is left out: the walk, or the next pass, meets it again.
// REQUIRES: ascending; `rows_between`: rows of the master's listing from the first to the last.
ResultTask<std::vector<Write>> with_bodies(const PassContext& context, CollectionId collection,
                                           std::vector<Write> writes, std::int64_t rows_between);

}  // namespace kinto_mirror::sync
