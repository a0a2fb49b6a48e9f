#include "sync/decide/visits.hpp"

#include "kinto/retry.hpp"
#include "sync/decide/suspects.hpp"

#include <algorithm>
#include <tuple>

namespace kinto_mirror::sync {

namespace {

constexpr Millis longest_wait{60'000};

}  // namespace

bool follows(const CollectionState& state, Instant now) {
  return state.overlap == Overlap::restless || state.moved || state.lost ||
         state.quarantine.any_due(now);
}

bool may_be_glanced_at(const CollectionState& state, Instant now) {
  return state.checkpoint && !comes_first(state.chain) && !state.hidden && !state.paused &&
         now >= state.not_before;
}

std::optional<Instant> next_glance(const std::map<CollectionId, CollectionState>& states,
                                   const Rhythm& rhythm, Instant now) {
  std::optional<Instant> first;
  for (const auto& [id, state] : states) {
    const auto due = state.activity.due(rhythm);
    if (!due || !may_be_glanced_at(state, now)) continue;
    if (!first || *due < *first) first = due;
  }
  return first;
}

std::vector<CollectionId> due_glances(const std::map<CollectionId, CollectionState>& states,
                                      const Rhythm& rhythm, Instant now) {
  std::vector<CollectionId> out;
  for (const auto& [id, state] : states) {
    const auto due = state.activity.due(rhythm);
    const bool soon = due && *due <= now + rhythm.active / 2;
    if (soon && may_be_glanced_at(state, now)) out.push_back(id);
  }
  return out;
}

std::optional<Why> due(const CollectionState& state, Instant now) {
  if (state.paused || now < state.not_before) return std::nullopt;
  if (!state.checkpoint || comes_first(state.chain)) return Why::broken;
  if (now >= state.audit_at) return Why::routine;
  if (follows(state, now)) return Why::changes;
  return std::nullopt;
}

std::vector<Visit> due_visits(const std::map<CollectionId, CollectionState>& states, Instant now) {
  std::vector<Visit> visits;
  for (const auto& [id, state] : states) {
    const std::int64_t size = state.probed ? state.probed->live : size_unknown;
    if (const auto why = due(state, now)) visits.push_back({id, *why, size});
  }
  std::ranges::stable_sort(visits, {}, [&states](const Visit& one) {
    const CollectionState& state = states.at(one.id);
    const bool again = one.why == Why::routine && is_proven(state.chain);
    return std::tuple(one.why, again, again ? state.audit_at : Instant{}, one.size);
  });
  return visits;
}

Millis wait_after(int failures, Millis interval) noexcept {
  const kinto::RetryPolicy policy{interval, std::max(interval, longest_wait), Millis{0}};
  return kinto::backoff_delay(policy, failures + 1, 0);
}

void visit_worked(CollectionState& state) noexcept {
  state.failures = 0;
  state.lost = false;
}

void visit_failed(CollectionState& state, bool audit, Errc code, Instant now, Millis interval) {
  // What an old answer showed is applied; the next one may be of now.
  const bool unproven = code == Errc::unproven;
  // The next pass gets past what held this one up, or past it and to the next one.
  const bool held_up = code == Errc::held_up;
  if (!held_up && (audit || !unproven)) ++state.failures;
  const Instant again =
      now + (held_up ? Suspects::a_bad_moment : wait_after(state.failures, interval));
  if (audit && unproven && state.checkpoint && !comes_first(state.chain)) {
    state.audit_at = again;  // polls go on meanwhile, and say nothing of the whole
    step(state, ChainEvent::unproven);
  } else {
    state.not_before = again;
  }
}

}  // namespace kinto_mirror::sync
