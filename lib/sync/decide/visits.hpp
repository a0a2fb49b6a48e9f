#pragma once
// Which collections are visited in a round, why, and in which order; and when one that failed is
// visited again. Pure.

#include "base/error.hpp"
#include "sync/decide/collection_state.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

namespace kinto_mirror::sync {

// In the order in which visits are made.
enum class Why {
  changes,  // a follow: the master has moved, or something is to be looked at again
  broken,   // an audit before anything else: no checkpoint, or Chain::doubted or broken
  routine,  // an audit whose time has come, a start among them
};

// It may be large.
inline constexpr std::int64_t size_unknown = std::numeric_limits<std::int64_t>::max();

struct Visit {
  CollectionId id;
  Why why = Why::changes;
  std::int64_t size = 0;  // records of the master, as it counted last
};

// There is something for a follow to do.
bool follows(const CollectionState& state, Instant now);

// The master may be asked after it between two rounds, and what is new followed. What is to be
// compared first, or failed lately, waits for its round.
bool may_be_glanced_at(const CollectionState& state, Instant now);

// When the first of these is to be asked after; nothing: all are at rest.
std::optional<Instant> next_glance(const std::map<CollectionId, CollectionState>& states,
                                   const Rhythm& rhythm, Instant now);

// Those that are asked after now, in one go: their time has come, or comes soon.
std::vector<CollectionId> due_glances(const std::map<CollectionId, CollectionState>& states,
                                      const Rhythm& rhythm, Instant now);

// Why it is to be visited now; nothing: there is no need, or it is not time to try again.
std::optional<Why> due(const CollectionState& state, Instant now);

// All that are due. Changes first, then what must be compared because the chain of looks is broken,
// then what is to be compared because its time has come, or because the daemon has just started; of
// these the smallest first, of what was compared before what has waited longest.
std::vector<Visit> due_visits(const std::map<CollectionId, CollectionState>& states, Instant now);

// Between two tries of a server or collection that has failed so often in a row: the interval,
// doubled up to a minute. Example: 5 s, then 10, 20, 40, 60.
Millis wait_after(int failures, Millis interval) noexcept;

// A visit (an audit, or else a follow) worked, or ended with an error of this code.
void visit_worked(CollectionState& state) noexcept;
void visit_failed(CollectionState& state, bool audit, Errc code, Instant now, Millis interval);

}  // namespace kinto_mirror::sync
