#include "sync/decide/plan.hpp"

namespace kinto_mirror::sync {

Action plan(const Change& change, const std::optional<Known>& replica,
            Knowledge knowledge) noexcept {
  const bool alive = replica && !replica->tombstone;
  if (change.tombstone && !alive) return Action::none;
  const bool ahead = replica && replica->stamp > change.stamp;
  if (ahead && knowledge == Knowledge::listed) return Action::recheck;
  if (change.tombstone) return Action::remove;
  if (!alive) return Action::create;
  if (replica->stamp == change.stamp) return Action::none;
  return ahead ? Action::recreate : Action::update;
}

}  // namespace kinto_mirror::sync
