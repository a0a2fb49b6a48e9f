#pragma once
// What a replica's loop knows now, for whoever shows it. The lag is defined here.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/types.hpp"
#include "sync/decide/collection_state.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace kinto_mirror::sync {

// The containers of one bucket, as they were compared last.
struct BucketStanding {
  Instant compared{};  // that comparison began then
  State state = State::failed;
  std::string why;     // the first difference, or the error; empty: none
  bool stays = false;  // nothing that is done here ends it: somebody has to
};

// Plain data; the pointers are the loop's own and good until it goes on.
struct Standing {
  std::string replica;
  Instant begun{};      // the loop started to follow
  Instant looked{};     // the last round that is over began then; 0: none is
  Instant round{};      // the round under way, or else the last one, began then
  Instant listed_at{};  // the last round that came to know what there is began then; 0: none did
  const Error* failed = nullptr;  // what that round ended by; nothing: it worked
  Instant next{};                 // the next round begins then; not after now: one is under way
  const std::map<CollectionId, CollectionState>* listed = nullptr;    // in scope now
  const std::map<CollectionId, CollectionState>* unlisted = nullptr;  // in scope before
  const std::map<std::string, BucketStanding>* buckets = nullptr;     // of those in scope
  std::string list_doubt;     // why the list of what there is may lack some; empty: it does not
  bool list_refused = false;  // that is a right that the master's user lacks
  std::size_t elsewhere = 0;  // collections in scope that other shards have
};

// The time since the replica was last known to hold all that the master showed: no change that it
// lacks is older. 0 where the last look said so, and is no older than `patience`: a daemon that
// has stopped looking falls behind, whatever it saw last. Records in quarantine do not count, and
// neither do deletes that the brake holds; both are told apart.
Millis lag(const Standing& standing, const CollectionState& state, Instant now,
           Millis patience) noexcept;

// A bound for the age of a look that is still news: two intervals, and what slow servers add.
constexpr Millis patience_of(Millis interval) noexcept {
  return 2 * interval + Millis{10'000};
}

}  // namespace kinto_mirror::sync
