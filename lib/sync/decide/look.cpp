#include "sync/decide/look.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// Everything listed is on the replica, or was refused by it; and what was the newest is still
// there.
bool knows_all(const CollectionState& state, const kinto::Page& page) {
  const bool newest_is_due = state.newest.stamp > state.checkpoint->cursor;
  const auto is_newest = [&state](const kinto::Entry& entry) {
    return entry.id == state.newest.id;
  };
  if (newest_is_due && std::ranges::none_of(page.entries, is_newest)) return false;
  return std::ranges::all_of(page.entries, [&state](const kinto::Entry& entry) {
    return state.remembered.holds(entry.id, Known{entry.stamp, entry.deleted}) ||
           state.quarantine.holds(entry.id, entry.stamp);
  });
}

}  // namespace

bool adopt(CollectionState& state, const Checkpoint* stored, Instant now, Millis overlap) {
  if (stored == nullptr ? !state.stored : state.stored == *stored) return false;
  const bool had_one = state.checkpoint.has_value();
  const bool moved = !had_one || stored == nullptr || stored->etag != state.checkpoint->etag;
  state.stored = stored == nullptr ? std::nullopt : std::optional(*stored);
  state.checkpoint = state.stored;
  state.remembered.clear();
  state.replica.live.reset();  // whoever stored it may have deleted records too
  if (!state.checkpoint) {
    step(state, ChainEvent::checkpoint_lost);
    return had_one;
  }
  if (moved) be_restless(state, now, overlap);
  // Where the brake is known to hold, two daemons would answer each other's audits for ever.
  if (state.stored->braked && !state.brake) state.audit_at = now;
  // A comparison that was to make it true again did not come to its end: older records are missing,
  // and come first.
  if (!had_one && state.stored->withdrawn) step(state, ChainEvent::broke);
  if (had_one || state.stored->braked) return false;
  // Nobody looked while no daemon ran, nor under which configuration the last one did: what the
  // checkpoint tells is where to follow from, and no more, until it has been compared.
  state.audit_at = now;
  return false;
}

bool wants_replica_count(const CollectionState& state) {
  if (!state.checkpoint) return false;
  return !state.replica.live || state.unanswered > 0 || state.brake || !is_proven(state.chain);
}

std::optional<std::string> miss_replica_count(CollectionState& state) {
  constexpr int most = 1'000;
  if (++state.unanswered < state.most_unanswered || comes_first(state.chain)) return std::nullopt;
  state.unanswered = 0;
  state.most_unanswered = std::min(most, 2 * state.most_unanswered);
  return "the replica does not say how many records it has";
}

std::optional<std::string> take_replica_count(CollectionState& state, std::int64_t live) {
  state.unanswered = 0;
  state.most_unanswered = CollectionState().most_unanswered;
  const std::int64_t before = state.replica.live.value_or(live);
  state.replica.counted(live);
  if (live >= before) return std::nullopt;
  // What the brake held is being deleted by whoever may: see hold_against_brake().
  if (state.brake && state.checkpoint && live >= state.checkpoint->live) return std::nullopt;
  state.replica.fell += before - live;
  return "the replica lost " + std::to_string(before - live) + " of its " + std::to_string(before) +
         " records";
}

bool wants_master_count(const CollectionState& state) {
  const bool at_rest = state.overlap == Overlap::at_rest && state.counted == Counted::exactly;
  const bool well = state.failures == 0 && !state.lost && !state.hidden && !state.unsettled;
  const bool done = !state.moved && !state.brake && is_proven(state.chain);
  return !state.master_told || !at_rest || !well || !done;
}

void forget_round(CollectionState& state) noexcept {
  state.moved = false;
  state.probed.reset();
  step(state, OverlapEvent::round_begins);
}

void take_master_count(CollectionState& state, const kinto::Count* count) {
  if (count != nullptr) state.probed = *count;
  const bool exactly = state.counted == Counted::exactly;
  state.moved = !exactly || !state.probed || state.probed->etag != state.checkpoint->etag;
}

bool wants_overlap(const CollectionState& state) {
  return state.checkpoint && state.overlap == Overlap::restless && !state.moved &&
         !comes_first(state.chain) &&
         std::cmp_less(state.remembered.size(), kinto::Server::most_recent);
}

void take_overlap(CollectionState& state, const kinto::Page& page) {
  if (page.etag == state.checkpoint->etag && knows_all(state, page)) {
    step(state, OverlapEvent::all_known);
  }
}

std::optional<std::string> hold_against_master(CollectionState& state, Instant begin) {
  if (state.moved || state.overlap == Overlap::restless || comes_first(state.chain)) {
    return std::nullopt;
  }
  if (state.overlap == Overlap::looked_at && begin >= state.restless_until) {
    step(state, OverlapEvent::passed);
  }
  const std::int64_t before = state.checkpoint->live;
  if (state.probed->live != before) {
    return "the master counts " + std::to_string(state.probed->live) +
           " records at the ETag at which it had " + std::to_string(before) +
           ": they came under past stamps, or went without a tombstone";
  }
  // What waits for another try after a failure may lack something.
  const bool settled = state.failures == 0 && !state.unsettled && is_proven(state.chain);
  if (settled) state.in_step_at = begin;
  return std::nullopt;
}

std::optional<std::string> hold_against_brake(CollectionState& state, Instant now) {
  if (!state.brake || !state.probed) return std::nullopt;
  // What the master wrote since, or what a follow has yet to bring, is no answer to the brake.
  if (state.moved || comes_first(state.chain)) return std::nullopt;
  const auto more = state.replica.beyond(state.probed->live, state.quarantine.lacking());
  if (!more || *more >= 0 || now >= state.audit_at) return std::nullopt;
  state.audit_at = now;
  const std::int64_t held = *state.replica.surplus;
  return "of " + std::to_string(held) + " records that only the replica had, " +
         std::to_string(held + *more) + " are left while the brake holds";
}

}  // namespace kinto_mirror::sync
