#include "sync/tree/tree_pass.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using Kind = ContainerDifference::Kind;
using What = ContainerOutcome::What;

// Of a container that somebody else writes at the same time.
constexpr int max_rounds = 4;

}  // namespace

TreePass::TreePass(const PassContext& context, const Scope& scope, Known known)
    : context_(context),
      scope_(scope),
      known_(std::move(known)),
      settings_(ContainerSettings::of(context.options, context.traits.user)) {}

ResultTask<void> TreePass::read(const Discovered& found,
                                std::optional<std::set<std::string>> only) {
  auto shown = co_await read_bucket_list(context_.master, context_.background);
  if (!shown) co_return shown.error();
  master_buckets_ = std::move(*shown);
  auto held = co_await read_bucket_list(context_.replica, context_.background);
  if (!held) co_return held.error();
  replica_buckets_ = std::move(*held);
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
  if (context_.options.permissions == Permissions::keep) wish.with_lists.clear();
  auto master = co_await read_tree(context_.master, context_.background, std::move(wish));
  if (!master) co_return master.error();
  master_ = std::move(*master);
  auto replica = co_await read_tree(context_.replica, context_.background, std::move(of_replica));
  if (!replica) co_return replica.error();
  replica_ = std::move(*replica);
  take_items();
  take_extras();
  take_deleted(found.ids);
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
  for (const CollectionId& id : found.ids) in_scope_.insert(id.bucket);
  buckets_ = in_scope_;
  for (const auto& [id, container] : master_buckets_) {
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
      return in_scope_.contains(id.bucket);
    case ContainerKind::group:
      return in_scope_.contains(id.bucket) && context_.options.groups == Groups::follow;
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
  DeletionView view{master_, replica_, replica_buckets_, scope_, {}};
  view.known = [this](const ContainerId& id) {
    return id.kind == ContainerKind::collection && known_(CollectionId(id.bucket, id.name));
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
    if (known || buckets_.contains(id.bucket) || !scope_.covers_bucket(id.bucket)) continue;
    settled_.push_back({id.str(), Kind::extra, "the master does not show it"});
  }
}

bool TreePass::may_grant(const ContainerId& id, const Loaded& loaded) const {
  if (id.kind == ContainerKind::group) return true;
  return std::ranges::all_of(items_, [&](const auto& one) {
    const ContainerId& other = one.first;
    const bool within = other.kind == ContainerKind::collection && other.bucket == id.bucket &&
                        (id.kind == ContainerKind::bucket || other.name == id.name);
    return !within || (one.second.replica && loaded(CollectionId(other.bucket, other.name)));
  });
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

std::pair<std::optional<Stamp>, std::optional<Stamp>> TreePass::stamps(
    const std::string& bucket) const {
  std::pair<std::optional<Stamp>, std::optional<Stamp>> out;
  const auto item = items_.find(bucket_container(bucket));
  if (item == items_.end()) return out;
  out.first = item->second.master.stamp;
  if (item->second.replica) out.second = item->second.replica->stamp;
  return out;
}

ContainerPlan TreePass::plan(const ContainerId& id, const Item& item, bool grant) const {
  return plan_container(id, item.master, item.replica, settings_, grant);
}

ResultTask<void> TreePass::before_records() {
  loaded_ = [](const CollectionId&) { return false; };
  if (context_.options.dry_run) co_return co_await foresee_deletions();
  Chosen buckets;
  Chosen rest;
  for (const auto& [id, item] : items_) {
    (id.kind == ContainerKind::bucket ? buckets : rest).push_back(id);
  }
  auto put_buckets = co_await put(std::move(buckets), loaded_);
  if (!put_buckets) co_return put_buckets.error();
  auto put_rest = co_await put(std::move(rest), loaded_);
  if (!put_rest) co_return put_rest.error();
  co_return co_await carry_out_deletions();
}

ResultTask<void> TreePass::behind_records(Loaded loaded) {
  loaded_ = std::move(loaded);
  if (context_.options.dry_run) co_return success();
  Chosen made;
  Chosen all;
  for (const auto& [id, item] : items_) {
    // Of what could not be created before, the visit to the records may have.
    const bool visited = id.kind == ContainerKind::collection && !item.replica &&
                         loaded_(CollectionId(id.bucket, id.name));
    if (visited) made.push_back(id);
    all.push_back(id);
  }
  auto looked = co_await look_again(std::move(made));
  if (!looked) co_return looked.error();
  // What lies within first: a right to the bucket lets into all of it.
  std::ranges::reverse(all);
  co_return co_await put(std::move(all), loaded_);
}

ResultTask<void> TreePass::put(Chosen ids, const Loaded& loaded) {
  for (int round = 0; round < max_rounds && !ids.empty(); ++round) {
    auto changed = co_await put_once(std::move(ids), loaded);
    if (!changed) co_return changed.error();
    ids = *changed;
    auto looked = co_await look_again(std::move(*changed));
    if (!looked) co_return looked.error();
  }
  co_return success();
}

// Those that somebody else has written since they were looked at.
ResultTask<TreePass::Chosen> TreePass::put_once(Chosen ids, const Loaded& loaded) {
  std::vector<ContainerPut> puts;
  for (const ContainerId& id : ids) {
    Item& item = items_[id];
    ContainerPlan now = plan(id, item, may_grant(id, loaded));
    if (!now.write || item.refused || item.unseen) continue;
    if (now.ahead) {
      auto confirmed = co_await confirm(id);
      if (!confirmed) co_return confirmed.error();
      if (!*confirmed) continue;
    }
    ContainerPut put{id, std::move(*now.write), std::nullopt};
    if (item.replica) put.guard = item.replica->stamp;
    puts.push_back(std::move(put));
  }
  Chosen sent;
  for (const ContainerPut& put : puts) sent.push_back(put.id);
  auto outcomes = co_await put_containers(context_.replica, std::move(puts));
  if (!outcomes) co_return outcomes.error();
  Chosen changed;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    ContainerOutcome& outcome = (*outcomes)[i];
    if (outcome.what == What::changed) changed.push_back(sent[i]);
    take(sent[i], items_[sent[i]], std::move(outcome));
  }
  auto bare = co_await put_bare(std::move(sent));
  if (!bare) co_return bare.error();
  co_return changed;
}

// What is refused for its metadata is created without them, for the sake of what belongs in it.
ResultTask<void> TreePass::put_bare(Chosen ids) {
  std::vector<ContainerPut> puts;
  std::erase_if(ids, [this](const ContainerId& id) {
    const Item& item = items_[id];
    const bool refused = item.refused && item.refused->what == What::refused;
    return !refused || item.replica || id.kind == ContainerKind::group;
  });
  for (const ContainerId& id : ids) {
    ContainerPut& put = puts.emplace_back();
    put.id = id;
    put.write.data = R"({"last_modified":)" + std::to_string(items_[id].master.stamp.ms - 1) + "}";
  }
  auto outcomes = co_await put_containers(context_.replica, std::move(puts));
  if (!outcomes) co_return outcomes.error();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if ((*outcomes)[i].what == What::done) take(ids[i], items_[ids[i]], std::move((*outcomes)[i]));
  }
  co_return success();
}

// Whether the master still says what was read of it.
ResultTask<bool> TreePass::confirm(const ContainerId& id) {
  auto now = co_await read_container(context_.master, id);
  if (!now) co_return now.error();
  Item& item = items_[id];
  if (!*now) co_return false;
  const bool same = (*now)->stamp == item.master.stamp;
  item.master = std::move(**now);
  co_return same;
}

void TreePass::take(const ContainerId& id, Item& item, ContainerOutcome outcome) {
  switch (outcome.what) {
    case What::done:
      (item.replica ? item.updated : item.created) = true;
      if (!item.replica && id.kind == ContainerKind::collection) {
        context_.traits.created.insert(CollectionId(id.bucket, id.name));
      }
      item.replica = std::move(outcome.now);
      return;
    case What::changed:
      return;
    case What::no_right:
      // Where nothing is shown, it may be there all the same: whoever visits the records will know.
      if (!item.replica && replica_.forbidden.contains(bucket_container(id.bucket))) {
        item.unseen = true;
        return;
      }
      [[fallthrough]];
    case What::refused:
      item.refused = std::move(outcome);
  }
}

// Both sides, since the master's may be older than what was met on the replica.
ResultTask<void> TreePass::look_again(Chosen ids) {
  for (const ContainerId& id : ids) {
    Item& item = items_[id];
    auto held = co_await read_container(context_.replica, id);
    if (!held) co_return held.error();
    // There, as an answer said, and yet not shown.
    if (!*held && !item.replica) item.unseen = true;
    item.replica = std::move(*held);
    if (item.replica) item.unseen = false;
    auto said = co_await read_container(context_.master, id);
    if (!said) co_return said.error();
    if (*said) item.master = std::move(**said);
  }
  co_return success();
}

// Why they would stay.
ResultTask<void> TreePass::foresee_deletions() {
  DeletionView view{master_, replica_, replica_buckets_, scope_, {}};
  for (const Deletion& deletion : std::exchange(due_, {})) {
    auto stays = co_await hindrance(context_, deletion.id, view);
    if (!stays && !may_be_of_one(stays.error().code)) co_return stays.error();
    if (!stays) stays = std::optional<std::string>(stays.error().message);
    std::string why = "the master deleted it, and the replica still has it";
    settled_.push_back({deletion.id.str(), Kind::undeleted, std::move(*stays).value_or(why)});
  }
  co_return success();
}

ResultTask<void> TreePass::carry_out_deletions() {
  if (due_.empty()) co_return success();
  DeletionView view{master_, replica_, replica_buckets_, scope_, {}};
  for (const Deletion& deletion : std::exchange(due_, {})) {
    auto stays = co_await carry_out(context_, deletion, view);
    if (!stays && !may_be_of_one(stays.error().code)) co_return stays.error();
    if (!stays) stays = std::optional<std::string>(stays.error().message);
    if (*stays) {
      settled_.push_back({deletion.id.str(), Kind::undeleted, std::move(**stays)});
      continue;
    }
    ++removed_[deletion.id.bucket];
    if (deletion.id.kind == ContainerKind::collection) {
      gone_.emplace_back(deletion.id.bucket, deletion.id.name);
    }
  }
  co_return success();
}

}  // namespace kinto_mirror::sync
