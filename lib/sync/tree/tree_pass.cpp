#include "sync/tree/tree_pass.hpp"

#include "sync/write/containers.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using Kind = ContainerDifference::Kind;
using What = ContainerOutcome::What;

// Of a container that somebody else writes at the same time.
constexpr int max_rounds = 4;

}  // namespace

TreePass::TreePass(const PassContext& context, const Scope& scope, KnownCheckpoints& checkpoints)
    : context_(context),
      scope_(scope),
      checkpoints_(checkpoints),
      settings_(ContainerSettings::of(context.options, context.traits.user)) {}

// Of a bucket all its collections, which stand side by side in items_; of one of them that one.
bool TreePass::may_grant(const ContainerId& id) const {
  if (id.kind == ContainerKind::group) return true;
  // What could not be listed may hold a collection that nobody has loaded.
  const bool whole = id.kind == ContainerKind::bucket;
  if (whole && master_.no_collections.contains(id.bucket)) return false;
  if (whole && waits_for(id.bucket)) return false;
  const ContainerId first{ContainerKind::collection, id.bucket, id.name};
  for (auto one = items_.lower_bound(first); one != items_.end(); ++one) {
    const ContainerId& other = one->first;
    const bool within = other.bucket == id.bucket && (whole || other.name == id.name);
    if (!within) break;
    const CollectionId collection(other.bucket, other.name);
    const bool there =
        one->second.replica && loaded_(collection) && !context_.traits.lacked.contains(collection);
    if (!there) return false;
  }
  return true;
}

std::set<std::string> TreePass::left_over() const {
  std::set<std::string> out;
  for (const auto& [id, said] : master_buckets_) {
    const bool ours = scope_.covers_bucket(id.bucket) || scope_.may_hold(id.bucket);
    const auto held = replica_buckets_.find(id);
    const bool there = held != replica_buckets_.end() && !held->second.tombstone;
    if (said.tombstone && ours && there) out.insert(id.bucket);
  }
  return out;
}

bool TreePass::waits(const std::string& bucket) const {
  return std::ranges::any_of(items_, [&](const auto& one) {
    const auto& [id, item] = one;
    return id.bucket == bucket && plan(id, item, may_grant(id)).waits;
  });
}

ContainerPlan TreePass::plan(const ContainerId& id, const Item& item, bool grant) const {
  if (is_paused(id) || (item.lent && item.replica)) return {};
  return plan_container(id, item.master, item.replica, settings_, grant && !item.lent);
}

ResultTask<void> TreePass::before_records() {
  loaded_ = [](const CollectionId&) { return false; };
  if (context_.options.dry_run) co_return co_await settle_deletions();
  Chosen all;
  Chosen rest;
  for (const auto& [id, item] : items_) {
    (id.kind == ContainerKind::bucket ? all : rest).push_back(id);
  }
  auto withdrawn = co_await withdraw(rest);
  if (!withdrawn) co_return withdrawn.error();
  // What is to stand in a bucket travels behind it.
  std::ranges::move(rest, std::back_inserter(all));
  auto done = co_await put(std::move(all));
  if (!done) co_return done.error();
  co_return co_await settle_deletions();
}

ResultTask<void> TreePass::behind_records(Loaded loaded) {
  loaded_ = std::move(loaded);
  if (context_.options.dry_run) co_return success();
  co_await count_others();
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
  co_return co_await put(std::move(all));
}

// Of collections that the replica has lost, before they are there again: whoever takes a checkpoint
// for what it tells, such as the shard of their bucket, would let readers in.
ResultTask<void> TreePass::withdraw(Chosen ids) {
  for (const ContainerId& id : ids) {
    const Item& item = items_[id];
    const bool lost = id.kind == ContainerKind::collection && !item.replica && !is_paused(id);
    // What is not shown may be there: whoever visits the records will know.
    if (!lost || replica_.forbidden.contains(bucket_container(id.bucket))) continue;
    auto withdrawn = co_await checkpoints_.withdraw(CollectionId(id.bucket, id.name));
    if (!withdrawn) co_return withdrawn.error();
  }
  co_return success();
}

ResultTask<void> TreePass::put(Chosen ids) {
  for (int round = 0; round < max_rounds && !ids.empty(); ++round) {
    auto changed = co_await put_once(std::move(ids));
    if (!changed) co_return changed.error();
    ids = *changed;
    auto looked = co_await look_again(std::move(*changed));
    if (!looked) co_return looked.error();
  }
  co_return success();
}

// Those that somebody else has written since they were looked at.
ResultTask<TreePass::Chosen> TreePass::put_once(Chosen ids) {
  std::vector<ContainerPut> puts;
  for (const ContainerId& id : ids) {
    Item& item = items_[id];
    ContainerPlan now = plan(id, item, may_grant(id));
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
  for (const ContainerId& id : sent) {
    const bool made = id.kind == ContainerKind::bucket && items_[id].created;
    if (made) context_.background.spawn(warm(context_.replica, kinto::groups_path(id.bucket)));
  }
  auto bare = co_await put_bare(sent);
  if (!bare) co_return bare.error();
  // What came before its bucket was there.
  for (const ContainerId& id : sent) {
    Item& item = items_[id];
    const bool early = !item.replica && (item.unseen || item.refused) &&
                       bare->contains(bucket_container(id.bucket));
    if (!early) continue;
    item.unseen = false;
    item.refused.reset();
    changed.push_back(id);
  }
  co_return changed;
}

// What is refused for its metadata is created without them, for the sake of what belongs in it.
ResultTask<std::set<ContainerId>> TreePass::put_bare(Chosen ids) {
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
  std::set<ContainerId> made;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if ((*outcomes)[i].what != What::done) continue;
    take(ids[i], items_[ids[i]], std::move((*outcomes)[i]));
    made.insert(ids[i]);
  }
  co_return made;
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
  const bool is_there = outcome.what == What::done || outcome.what == What::changed;
  if (is_there && !item.replica && id.kind == ContainerKind::collection) {
    context_.traits.lacked.insert(CollectionId(id.bucket, id.name));
  }
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

// What was not deleted may be there again, and is none of the deleted then: nobody would look after
// it, nor know that it is not compared.
ResultTask<void> TreePass::take_back(ContainerId id) {
  if (id.kind != ContainerKind::collection) co_return success();
  const auto said = co_await read_container(context_.master, id);
  if (!said) co_return said.error();
  CollectionId collection(id.bucket, id.name);
  if (!*said || deleted_.erase(collection) == 0) co_return success();
  unlisted_.push_back(std::move(collection));
  co_return success();
}

// In a dry run all stay, for what would hinder it or for that alone.
ResultTask<void> TreePass::settle_deletions() {
  const bool dry = context_.options.dry_run;
  DeletionView view{master_, replica_, replica_buckets_, scope_, {}};
  for (const Deletion& deletion : std::exchange(due_, {})) {
    const ContainerId& id = deletion.id;
    // Two statements: g++ 12 frees the result of `c ? co_await a : co_await b` twice.
    Result<std::optional<std::string>> stays = std::optional<std::string>();
    if (holds_paused(id)) {
      stays = std::optional<std::string>(
          "the master deleted it; it stays while it is paused, or what it holds");
    } else if (dry) {
      stays = co_await hindrance(context_, id, view);
    } else {
      stays = co_await carry_out(context_, deletion, view);
    }
    if (!stays && !may_be_of_one(stays.error().code)) co_return stays.error();
    if (!stays) stays = std::optional<std::string>(stays.error().message);
    if (dry && !*stays) *stays = "the master deleted it, and the replica still has it";
    if (*stays) {
      settled_.push_back({id.str(), Kind::undeleted, std::move(**stays)});
      auto back = co_await take_back(id);
      if (!back) co_return back.error();
      continue;
    }
    ++removed_[id.bucket];
    if (id.kind == ContainerKind::bucket) replica_buckets_.erase(id);
    if (id.kind == ContainerKind::collection) gone_.emplace_back(id.bucket, id.name);
  }
  co_return success();
}

}  // namespace kinto_mirror::sync
