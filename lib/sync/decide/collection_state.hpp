#pragma once
// What the daemon knows of one collection of one replica between two passes. Plain data.

#include "kinto/server.hpp"
#include "sync/decide/activity.hpp"
#include "sync/decide/checkpoint.hpp"
#include "sync/decide/plan.hpp"
#include "sync/decide/quarantine.hpp"
#include "sync/decide/replica_count.hpp"
#include "sync/decide/report.hpp"
#include "sync/decide/resets.hpp"
#include "sync/decide/transitions.hpp"

#include <optional>

namespace kinto_mirror::sync {

// What audits could not settle: a record that changes all the time, or more extras than one audit
// deletes.
struct Unsettled {
  CollectionReport report;  // of the last audit
  int audits = 0;           // in a row, that did not get on
};

struct CollectionState {
  // -- Where to follow from.
  std::optional<Checkpoint> checkpoint;  // nothing: an audit is due
  // As last stored or read. While the brake holds it stays behind (Checkpoint::braked).
  std::optional<Checkpoint> stored;
  Remembered remembered;
  Quarantine quarantine;
  Newest newest;  // of the master's changes, at the last look
  ReplicaCount replica;

  // When the master's object of the collection was written last; nothing: it was not read yet.
  std::optional<Stamp> written;

  // -- What is known; these change by step() alone.
  Chain chain = Chain::uncompared;
  Overlap overlap = Overlap::at_rest;
  Counted counted = Counted::exactly;
  // What polls have read since the ETag of the number that is carried on; see Polled.
  std::int64_t live_since = 0;
  std::int64_t deleted_since = 0;

  bool hidden = false;                 // the last audit was told that the master does not show it
  Instant hidden_at{};                 // where it is: that audit began then
  std::optional<BrakeReport> brake;    // the last audit's; it holds until the next one
  std::optional<Unsettled> unsettled;  // nothing: the last audit settled everything
  std::optional<Instant> in_step_at;   // the replica held all that the master showed then
  std::optional<Instant> compared_at;  // the last audit that came to its end began then

  // -- Of the round's probe of the master.
  // A poll is due: its ETag is not the checkpoint's, it gave none, or its number is not exact.
  bool moved = false;
  bool master_told = false;            // it was answered, and nothing was read or written since
  std::optional<kinto::Count> probed;  // nothing: it was not asked, or did not answer
  Instant master_asked{};              // the round of the last question after its count began then

  // -- Of its look at the replica.
  Instant replica_asked{};  // the round of the last one began then
  // Rounds in a row in which the replica gave no count, and so many that break the chain.
  int unanswered = 0;
  int most_unanswered = 2;

  // -- When something is done.
  bool paused = false;  // by the operator: it is not visited
  Activity activity;
  Instant audit_at{};        // when the next audit is due
  Instant restless_until{};  // late commits may show up until a look that began then is over
  Instant not_before{};      // after a failure
  int failures = 0;          // in a row
  bool lost = false;         // by the last of them a server was lost, or its line
};

inline void step(CollectionState& state, ChainEvent event) noexcept {
  state.chain = next(state.chain, event);
}

inline void step(CollectionState& state, OverlapEvent event) noexcept {
  state.overlap = next(state.overlap, event);
}

inline void step(CollectionState& state, CountedEvent event) noexcept {
  state.counted = next(state.counted, event);
  if (state.counted == Counted::exactly) state.live_since = state.deleted_since = 0;
}

// Its checkpoint was withdrawn; it stays where the collection is followed from.
inline void say_withdrawn(CollectionState& state) noexcept {
  for (auto* const checkpoint : {&state.checkpoint, &state.stored}) {
    if (*checkpoint) (*checkpoint)->withdrawn = true;
  }
}

// The master's ETag moved by `now`: what may still be committed late shows up within `overlap`.
inline void be_restless(CollectionState& state, Instant now, Millis overlap) noexcept {
  step(state, OverlapEvent::changed);
  state.restless_until = now + overlap;
}

}  // namespace kinto_mirror::sync
