#pragma once
// The states of a collection between two passes, and what leads from one to another: three small
// machines, each with one table. docs/sync.md shows them, and the test has every row. Pure.
//
// They are apart, since they are of different things: whether the replica was compared with the
// master, whether late commits may still come, and what the number of the master's records is
// worth.

#include <array>
#include <cstddef>

namespace kinto_mirror::sync {

// What is known of the whole of a collection: whether it was compared, and whether each look since
// went on from the one before (the chain of looks). One that has no checkpoint is compared before
// anything else, whatever it says here.
enum class Chain {
  uncompared,  // since the daemon started, or not any more: its turn to be compared will come
  compared,    // and no look since has broken the chain
  doubted,     // compared, and to be compared anew before anything else
  broken,      // to be compared before anything else, and called in sync by nothing until then
};

enum class ChainEvent {
  confirmed,        // an audit: all that it listed is on the replica, or was refused
  asked,            // an operator wants it compared, a poll was told that the master hides it, or
                    // the collection's own object was written
  broke,            // a look does not go on from the one before
  checkpoint_lost,  // the replica has none any more
  unproven,         // an audit met old or short answers, and polls go on from the checkpoint
};

// Whether late commits may still show up: they do for the length of the overlap after a change, and
// move no ETag, so that the overlap is read without a hint.
enum class Overlap {
  at_rest,
  restless,   // a poll reads it
  looked_at,  // restless, and in this round all that it lists is known: no poll is needed
};

enum class OverlapEvent {
  changed,       // the master's ETag moved, or nobody knows since when it stands there
  round_begins,  // what the last round listed is old
  all_known,     // the round has listed it, and nothing new was there
  passed,        // a look that began after its end has read it
};

// What the checkpoint's number of the master's records is of.
enum class Counted {
  exactly,   // of its ETag: what comes next is held against it
  carried,   // of the ETag of an earlier look; what was read since is carried on beside it
  baseless,  // of no list's ETag: the next count has nothing to be held against
};

enum class CountedEvent {
  counted,     // an audit or a poll has the number at the ETag of its list
  audit_late,  // the master was written to between an audit's list and its counts
  poll_late,   // likewise of a poll
};

namespace detail {

template <class Enum>
constexpr std::size_t index_of(Enum value) noexcept {
  return static_cast<std::size_t>(value);
}

// A row for each state, a column for each event, both in their order above.
inline constexpr auto chain_table = [] {
  using enum Chain;
  return std::array<std::array<Chain, 5>, 4>{{
      // confirmed  asked    broke   lost        unproven
      {{compared, broken, broken, uncompared, uncompared}},   // uncompared
      {{compared, doubted, broken, uncompared, uncompared}},  // compared
      {{compared, doubted, broken, broken, doubted}},         // doubted
      {{compared, broken, broken, broken, broken}},           // broken
  }};
}();

inline constexpr auto overlap_table = [] {
  using enum Overlap;
  return std::array<std::array<Overlap, 4>, 3>{{
      // changed  begins    known      passed
      {{restless, at_rest, at_rest, at_rest}},     // at_rest
      {{restless, restless, looked_at, at_rest}},  // restless
      {{restless, restless, looked_at, at_rest}},  // looked_at
  }};
}();

inline constexpr auto counted_table = [] {
  using enum Counted;
  return std::array<std::array<Counted, 3>, 3>{{
      // counted  audit     poll
      {{exactly, baseless, carried}},   // exactly
      {{exactly, baseless, carried}},   // carried
      {{exactly, baseless, baseless}},  // baseless
  }};
}();

}  // namespace detail

constexpr Chain next(Chain from, ChainEvent event) noexcept {
  return detail::chain_table[detail::index_of(from)][detail::index_of(event)];
}

constexpr Overlap next(Overlap from, OverlapEvent event) noexcept {
  return detail::overlap_table[detail::index_of(from)][detail::index_of(event)];
}

constexpr Counted next(Counted from, CountedEvent event) noexcept {
  return detail::counted_table[detail::index_of(from)][detail::index_of(event)];
}

// Something may be called in sync.
constexpr bool is_proven(Chain chain) noexcept {
  return chain == Chain::compared || chain == Chain::doubted;
}

// The collection is compared before anything else is done about it.
constexpr bool comes_first(Chain chain) noexcept {
  return chain == Chain::doubted || chain == Chain::broken;
}

}  // namespace kinto_mirror::sync
