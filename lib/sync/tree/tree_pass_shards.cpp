// What a pass over the containers has to do with those of other shards.

#include "sync/tree/tree_pass.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

// What this shard has in a bucket of another one needs it there now, and not when that shard comes.
// Rights are granted by that one alone, which leaves the master's stamp to it where there are any.
void TreePass::take_lent() {
  std::set<std::string> around;
  for (const auto& [id, item] : items_) {
    if (id.kind == ContainerKind::collection) around.insert(id.bucket);
  }
  for (const std::string& bucket : around) {
    const ContainerId id = bucket_container(bucket);
    const Container* const said = master_.alive(id);
    if (said == nullptr || scope_.owns_bucket(bucket)) continue;
    Item& item = items_[id];
    item.lent = true;
    item.master = *said;
    if (const Container* const held = replica_.alive(id)) item.replica = *held;
  }
}

// A collection that another shard has yet to load: whoever were let into all of the bucket would
// follow it while older stamps are still on their way (P6).
std::optional<std::string> TreePass::waits_for(const std::string& bucket) const {
  if (context_.options.shard.is_all()) return std::nullopt;
  const ContainerId first{ContainerKind::collection, bucket, ""};
  for (auto one = master_.containers.lower_bound(first); one != master_.containers.end(); ++one) {
    const ContainerId& id = one->first;
    if (id.kind != ContainerKind::collection || id.bucket != bucket) break;
    CollectionId collection(id.bucket, id.name);
    const bool elsewhere = scope_.matches(collection) && !scope_.contains(collection);
    if (one->second.tombstone || !elsewhere) continue;
    const bool in_file = !context_.options.checkpoint_file.empty();
    const bool there =
        in_file ? complete_.contains(collection) : checkpoints_.vouches_for(collection);
    if (!there || replica_.alive(id) == nullptr) return collection.str();
  }
  return std::nullopt;
}

// Checkpoints in a file may be of this daemon alone, and of before the work was shared: there the
// counts tell what other shards have loaded.
Task<void> TreePass::count_others() {
  if (context_.options.shard.is_all() || context_.options.checkpoint_file.empty()) co_return;
  std::vector<CollectionId> asked;
  for (const auto& [id, container] : master_.containers) {
    if (id.kind != ContainerKind::collection || container.tombstone) continue;
    CollectionId collection(id.bucket, id.name);
    const bool elsewhere = scope_.matches(collection) && !scope_.contains(collection);
    const auto bucket = items_.find(bucket_container(id.bucket));
    const bool wanted = elsewhere && bucket != items_.end() && replica_.alive(id) != nullptr &&
                        plan(bucket->first, bucket->second, false).waits;
    if (wanted) asked.push_back(std::move(collection));
  }
  for (const CollectionId& id : asked) {
    const std::string path = kinto::records_path(id);
    const auto said = co_await context_.master.count(path);
    if (!said) continue;
    const auto held = co_await context_.replica.count(path);
    if (held && held->live >= said->live) complete_.insert(id);
  }
}

}  // namespace kinto_mirror::sync
