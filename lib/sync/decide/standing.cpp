#include "sync/decide/standing.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

Millis lag(const Standing& standing, const CollectionState& state, Instant now,
           Millis patience) noexcept {
  const Instant proven = state.in_step_at.value_or(standing.begun);
  const Millis age = std::max(Millis{0}, now - proven);
  const bool last_look = state.in_step_at && *state.in_step_at >= standing.looked;
  const bool overtaken =
      state.moved && proven < std::max(standing.round, state.activity.last_look());
  return last_look && !overtaken && age <= patience ? Millis{0} : age;
}

}  // namespace kinto_mirror::sync
