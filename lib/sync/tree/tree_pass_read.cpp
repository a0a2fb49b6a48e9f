// What a pass over the containers looks at: both sides, and what only one of them has.

#include "base/future.hpp"
#include "sync/tree/tree_pass.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using Kind = ContainerDifference::Kind;

}  // namespace

ResultTask<void> TreePass::read_buckets() {
  TaskGroup& background = context_.background;
  auto showing = read_bucket_list(context_.master, background);
  auto holding = read_bucket_list(context_.replica, background);
  auto [shown, held] = co_await both(background, std::move(showing), std::move(holding));
  if (!shown) co_return shown.error();
  if (!held) co_return held.error();
  master_buckets_ = std::move(*shown);
  replica_buckets_ = std::move(*held);
  co_return success();
}

ResultTask<void> TreePass::read(const Discovered& found,
                                std::optional<std::set<std::string>> only) {
  TaskGroup& background = context_.background;
  choose_buckets(found);
  if (only) buckets_ = std::move(*only);
  TreeWish wish;
  wish.buckets = buckets_;
  wish.groups = context_.options.groups == Groups::follow;
  wish.named = {found.ids.begin(), found.ids.end()};
  for (const auto kind : {ContainerKind::bucket, ContainerKind::group, ContainerKind::collection}) {
    if (settings_.needs_lists(kind)) wish.with_lists.insert(kind);
  }
  TreeWish of_replica = wish;
  for (const std::string& bucket : buckets_) {
    if (!replica_buckets_.contains(bucket_container(bucket))) of_replica.unlisted.insert(bucket);
  }
  if (context_.options.permissions == Permissions::keep) wish.with_lists.clear();
  auto reading = read_tree(context_.master, background, std::move(wish));
  auto beside = read_tree(context_.replica, background, std::move(of_replica));
  auto [master, replica] = co_await both(background, std::move(reading), std::move(beside));
  if (!master) co_return master.error();
  if (!replica) co_return replica.error();
  master_ = std::move(*master);
  replica_ = std::move(*replica);
  take_items();
  take_extras();
  take_deleted(found.ids);
  take_unlisted(found.ids);
  if (context_.options.permissions != Permissions::keep) tell_strangers();
  co_return success();
}

// A user of basicauth is called by a hash that the server's own secret goes into.
void TreePass::tell_strangers() const {
  constexpr std::string_view basicauth = "basicauth:";
  constexpr std::size_t most = 20;
  ReplicaTraits& traits = context_.traits;
  // One user, called alike on both: they have one secret.
  const bool alike = traits.user == traits.master_user && traits.user.starts_with(basicauth);
  std::string names;
  for (const auto& [id, item] : items_) {
    if (alike || !item.master.lists) continue;
    for (const auto& [permission, principals] : *item.master.lists) {
      const bool copied = context_.options.permissions == Permissions::copy || permission == "read";
      for (const std::string& one : principals) {
        const bool strange = copied && one.starts_with(basicauth) && one != traits.master_user &&
                             !context_.options.principals.contains(one);
        if (!strange || traits.told_principals.size() >= most) continue;
        if (traits.told_principals.insert(one).second) names += (names.empty() ? "" : ", ") + one;
      }
    }
  }
  if (names.empty()) return;
  context_.observer.notice(context_.replica.config().name, CollectionId(),
                           "permissions are copied to principals that mean the same user only "
                           "where both servers have one userid_hmac_secret: " +
                               names + "; else name them in [sync.principals]");
}

// A bucket that holds nothing in scope any more may have held what the replica still has.
void TreePass::choose_buckets(const Discovered& found) {
  for (const auto* ids : {&found.ids, &found.others}) {
    for (const CollectionId& id : *ids) in_scope_.insert(id.bucket);
  }
  buckets_ = in_scope_;
  for (const auto& [id, container] : master_buckets_) {
    if (found.hidden.contains(id.bucket)) continue;  // told: nothing of it is copied
    const bool covered = scope_.covers_bucket(id.bucket);
    if (covered && !container.tombstone) in_scope_.insert(id.bucket);
    const auto held = replica_buckets_.find(id);
    const bool there = held != replica_buckets_.end() && !held->second.tombstone;
    const bool may_hold = found.listed.contains(id.bucket) || scope_.may_hold(id.bucket);
    if (covered ? there || !container.tombstone : there && may_hold) buckets_.insert(id.bucket);
  }
}

bool TreePass::in_scope(const ContainerId& id) const {
  if (master_.failed.contains(id.bucket) || replica_.failed.contains(id.bucket)) return false;
  switch (id.kind) {
    case ContainerKind::bucket:
      return in_scope_.contains(id.bucket) && scope_.owns_bucket(id.bucket);
    case ContainerKind::group:
      return in_scope_.contains(id.bucket) && scope_.owns_bucket(id.bucket) &&
             context_.options.groups == Groups::follow;
    case ContainerKind::collection:
      return scope_.contains(CollectionId(id.bucket, id.name));
  }
  return false;
}

void TreePass::take_items() {
  for (const auto& [id, container] : master_.containers) {
    if (container.tombstone || !in_scope(id)) continue;
    Item item;
    item.master = container;
    if (const Container* const held = replica_.alive(id)) item.replica = *held;
    items_[id] = std::move(item);
  }
  take_lent();
  take_deletions();
}

bool TreePass::is_paused(const ContainerId& id) const {
  const Pauses& pauses = context_.traits.pauses;
  if (id.kind == ContainerKind::collection) return pauses.holds(CollectionId(id.bucket, id.name));
  return pauses.holds_bucket(id.bucket);
}

// It is paused, or is a bucket with a collection that is.
bool TreePass::holds_paused(const ContainerId& id) const {
  if (!context_.traits.pauses.any()) return false;
  if (is_paused(id) || id.kind != ContainerKind::bucket) return is_paused(id);
  return std::ranges::any_of(replica_.containers, [&](const auto& one) {
    const ContainerId& other = one.first;
    return other.kind == ContainerKind::collection && other.bucket == id.bucket && is_paused(other);
  });
}

void TreePass::take_deletions() {
  DeletionView view{master_, replica_, replica_buckets_, scope_, {}};
  view.known = [this](const ContainerId& id) {
    const bool one = id.kind == ContainerKind::collection;
    return one && checkpoints_.knows(CollectionId(id.bucket, id.name));
  };
  std::vector<ContainerId> own;
  const bool groups = context_.options.groups == Groups::follow;
  due_ = deletions_due(view, master_buckets_, groups, own);
  for (const ContainerId& id : own) {
    settled_.push_back({id.str(), Kind::extra,
                        "only the replica has it: it is newer than the master's deletion of that "
                        "id, and was not replicated"});
  }
  if (context_.options.deletions == Deletions::follow) return;
  for (const Deletion& deletion : due_) {
    settled_.push_back({deletion.id.str(), Kind::extra,
                        "the master deleted it; it stays since `deletions` is `records`, until "
                        "that is `follow`, or it is deleted by hand"});
  }
  due_.clear();
}

// Nothing is done about them: only the tombstones of containers delete any.
void TreePass::take_extras() {
  for (const auto& [id, container] : replica_.containers) {
    if (container.tombstone || !in_scope(id) || master_.find(id) != nullptr) continue;
    if (master_.forbidden.contains(id)) continue;  // it may be there
    const bool in_bucket = id.kind != ContainerKind::bucket;
    const bool unlisted = in_bucket && (master_.no_collections.contains(id.bucket) ||
                                        master_.no_groups.contains(id.bucket));
    const auto listed = master_buckets_.find(bucket_container(id.bucket));
    const bool bucket_gone = listed != master_buckets_.end() && listed->second.tombstone;
    if (unlisted || bucket_gone) continue;
    settled_.push_back({id.str(), Kind::extra, "only the replica has it"});
  }
  if (master_buckets_.empty()) return;
  for (const auto& [id, container] : replica_buckets_) {
    const bool known = container.tombstone || master_buckets_.contains(id);
    const bool ours = scope_.covers_bucket(id.bucket) && scope_.owns_bucket(id.bucket);
    if (known || buckets_.contains(id.bucket) || !ours) continue;
    settled_.push_back({id.str(), Kind::extra, "the master does not show it"});
  }
}

void TreePass::take_deleted(const std::vector<CollectionId>& ids) {
  const auto is_gone = [this](const ContainerId& id) {
    const Container* const said = master_.find(id);
    if (said != nullptr) return said->tombstone;
    const auto bucket = master_buckets_.find(bucket_container(id.bucket));
    return bucket != master_buckets_.end() && bucket->second.tombstone;
  };
  for (const CollectionId& id : ids) {
    if (is_gone(container_of(id))) deleted_.insert(id);
  }
  for (const Tree* const tree : {&master_, &replica_}) {
    for (const auto& [id, container] : tree->containers) {
      CollectionId collection(id.bucket, id.name);
      const bool one = id.kind == ContainerKind::collection && scope_.contains(collection);
      if (one && is_gone(id)) deleted_.insert(std::move(collection));
    }
  }
}

std::map<CollectionId, Stamp> TreePass::written() const {
  std::map<CollectionId, Stamp> out;
  for (const auto& [id, item] : items_) {
    if (id.kind == ContainerKind::collection) {
      out[CollectionId(id.bucket, id.name)] = item.master.stamp;
    }
  }
  return out;
}

void TreePass::take_unlisted(const std::vector<CollectionId>& ids) {
  for (const auto& [id, container] : master_.containers) {
    if (container.tombstone || id.kind != ContainerKind::collection) continue;
    CollectionId one(id.bucket, id.name);
    const bool listed = !scope_.contains(one) || std::ranges::binary_search(ids, one);
    if (!listed) unlisted_.push_back(std::move(one));
  }
}

std::pair<std::optional<Stamp>, std::optional<Stamp>> TreePass::stamps(
    const std::string& bucket) const {
  std::pair<std::optional<Stamp>, std::optional<Stamp>> out;
  const ContainerId id = bucket_container(bucket);
  const auto item = items_.find(id);
  if (item == items_.end()) {
    // One of another shard.
    if (const Container* const said = master_.alive(id)) out.first = said->stamp;
    const Container* const held = replica_.alive(id);
    if (out.first && held != nullptr) out.second = held->stamp;
    return out;
  }
  out.first = item->second.master.stamp;
  if (item->second.replica) out.second = item->second.replica->stamp;
  return out;
}

}  // namespace kinto_mirror::sync
