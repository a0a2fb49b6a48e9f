#pragma once
// Turns differences of a listing without bodies into writes with the master's bytes.

#include "sync/decide/merge_join.hpp"
#include "sync/decide/write.hpp"
#include "sync/pass_context.hpp"

#include <vector>

namespace kinto_mirror::sync {

// The write that `difference` asks for; Action::none where it asks for none.
Write to_write(Difference difference);

// Rows of the master's listing from the first of them to the last. A difference that the replica's
// listing brought up has no place there. Pure.
std::int64_t rows_between(const std::vector<Difference>& differences) noexcept;

// True when reading the whole stretch of the master's listing costs less than asking for the ids:
// most of what lies there is wanted. Pure.
bool dense(const std::vector<Write>& wanted, std::int64_t rows) noexcept;

// Asks the replica for the stamps that were `not_held`: a guess, once refused, comes out of turn.
ResultTask<void> ask_for_not_held(const PassContext& context, CollectionId collection,
                                  std::vector<Difference>& differences);

// Asks both sides for the bytes of those that are `spelled_otherwise`, and were not held. What is
// not there any more at its stamp stays without.
ResultTask<void> read_both_bodies(const PassContext& context, CollectionId collection,
                                  std::vector<Difference>& differences);

struct Complete {
  std::vector<Write> writes;
  // Left out, and not sure to be met again: they went away, or got a past stamp.
  std::vector<std::string> open;
  std::int64_t newer = 0;  // left out, and met by the next poll
};

// Fills in Write::record of those that need one, in at most a few requests. A record that changed
// or went away meanwhile is left out: where it is newer than `horizon`, the ETag of the walk's
// first page, the next poll meets it. REQUIRES: ascending; `rows`: rows_between() the differences
// that they were made of.
ResultTask<Complete> with_bodies(const PassContext& context, CollectionId collection,
                                 std::vector<Write> writes, std::int64_t rows, Stamp horizon);

}  // namespace kinto_mirror::sync
