#pragma once
// What an audit or a follow of the loop means for what is known of the collection. Pure.

#include "sync/decide/collection_state.hpp"
#include "sync/decide/options.hpp"
#include "sync/decide/pass_end.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kinto_mirror::sync {

// -- An audit. First what the servers have shown and counted, whatever it ended with: true where
// the master shows a collection again that it has hidden. It began at `begin`.
bool take_sight(CollectionState& state, const AuditResult& result, Instant begin) noexcept;

// Then, where it is `different` or `confirmed`, what it has found, at `now`. `moved`: the master's
// ETag is another one than the checkpoint's was, or there was none.
void take_audit(CollectionState& state, const AuditResult& result, bool moved, Instant now,
                const Options& options);

// And where its checkpoint could not be kept, which is told as a failure: another one is due soon.
// It takes a tenth of the time at most: one of 30 s is followed by the next after five minutes.
void checkpoint_unkept(CollectionState& state, Millis took, Instant now, Millis interval);

// Then, where there was no error, when the next one is due, and whether the replica was in step
// when this one began.
void after_audit(CollectionState& state, const AuditResult& result, Instant begin, Instant now,
                 Millis interval);

// -- A follow. By how many the replica has more records than the last audit leads to; fewer, below
// 0. Nothing where the pass did not apply all that it read, or the numbers are not of one moment.
// REQUIRES, like all below: state.checkpoint.
std::optional<std::int64_t> beyond(const CollectionState& state, const FollowResult& result);

// Whether the replica was counted to have, but for what the changes since the last exact number may
// explain, as many records as the last audit leads to, or more. Example: 6, where the master has
// 19, of which 4 came or went since: false, it has lost some. What cannot be told is no loss.
bool holds_its_number(const CollectionState& state) noexcept;

// Why everything must be compared anew. Fewer records than there should be say so at once. More may
// have been committed late, between a list and its count, and come with the next poll: only what is
// still so then says so, and until then the result counts as one that was not counted.
std::optional<std::string> hold_against_replica(CollectionState& state, FollowResult& result);

// The checkpoint to go on from; nothing where it stays as it is.
std::optional<Checkpoint> checkpoint_after(const CollectionState& state,
                                           const FollowResult& result);

// What the number of the master's records is worth from now on, and what the report says of the
// whole: a poll that is in sync says nothing of what was never compared, of what an audit has left,
// nor of what came while the master could not be counted.
void after_follow(CollectionState& state, FollowResult& result);

// The replica held all that the master showed when the follow began. While an audit has left
// something, more may be missing than was written since.
bool is_in_step(const CollectionState& state, const FollowResult& result) noexcept;

}  // namespace kinto_mirror::sync
