#include "sync/keep/known_checkpoints.hpp"

#include <utility>

namespace kinto_mirror::sync {

ResultTask<void> KnownCheckpoints::read() {
  auto changes = co_await store_.changes();
  if (!changes) co_return changes.error();
  if (*changes) all_ = std::move(**changes);
  co_return success();
}

const Checkpoint* KnownCheckpoints::find(const CollectionId& id) const {
  const auto found = all_.find(id);
  return found == all_.end() ? nullptr : &found->second;
}

bool KnownCheckpoints::vouches_for(const CollectionId& id) const {
  const Checkpoint* const found = find(id);
  return found != nullptr && !found->withdrawn;
}

ResultTask<void> KnownCheckpoints::store(Checkpoint checkpoint) {
  Checkpoint copy = checkpoint;
  auto stored = co_await store_.store(std::move(copy));
  if (!stored) co_return stored.error();
  all_[checkpoint.collection] = std::move(checkpoint);
  co_return success();
}

ResultTask<void> KnownCheckpoints::forget(CollectionId id) {
  auto forgotten = co_await store_.forget(id);
  if (!forgotten) co_return forgotten.error();
  all_.erase(id);
  co_return success();
}

ResultTask<void> KnownCheckpoints::withdraw(CollectionId id) {
  const Checkpoint* const found = find(id);
  if (found == nullptr || found->withdrawn) co_return success();
  Checkpoint now = *found;
  now.withdrawn = true;
  co_return co_await store(std::move(now));
}

}  // namespace kinto_mirror::sync
