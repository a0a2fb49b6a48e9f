#include "sync/tree/deletions.hpp"

#include "kinto/status.hpp"
#include "sync/tree/neighbours.hpp"
#include "sync/tree/tree_writer.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using Why = std::optional<std::string>;

bool is_ours(const DeletionView& view, const ContainerId& id, const Container& held,
             Stamp tombstone) {
  return held.stamp <= tombstone || view.known(id);
}

bool in_scope(const DeletionView& view, const ContainerId& id, bool groups) {
  if (id.kind == ContainerKind::group) return groups && view.scope.owns_bucket(id.bucket);
  return view.scope.contains(CollectionId(id.bucket, id.name));
}

// One pattern covers all of it, or it holds a collection in scope, of whichever shard (which the
// bucket's tombstone takes along). Itself it is one shard's.
bool was_in_scope(const DeletionView& view, const std::string& bucket) {
  if (!view.scope.owns_bucket(bucket)) return false;
  return view.scope.covers_bucket(bucket) ||
         std::ranges::any_of(view.replica.containers, [&](const auto& one) {
           const ContainerId& id = one.first;
           return id.kind == ContainerKind::collection && id.bucket == bucket &&
                  view.scope.matches(CollectionId(id.bucket, id.name));
         });
}

// What stands in the way of a deletion: a neighbour that its id, as a pattern, meets. Whether it is
// a container of the same bucket or one of another, only the replica can tell.
ResultTask<Why> neighbour(const PassContext& context, const ContainerId& id,
                          const DeletionView& view) {
  if (context.traits.holds_stamps_once == false) co_return Why();  // memory: no patterns
  const std::string path = id.str();
  if (path.find('_') == std::string::npos) co_return Why();
  // Who is not shown this one may not be shown others.
  if (!view.replica_buckets.contains(bucket_container(id.bucket))) {
    co_return Why("a bucket that it does not list");
  }
  TreeWish wish;
  wish.groups = id.kind == ContainerKind::group;
  for (const auto& [bucket, container] : view.replica_buckets) {
    const bool same = bucket.bucket == id.bucket;
    const bool met = !container.tombstone && is_met_by_deletion(id.bucket, bucket.bucket);
    if (id.kind == ContainerKind::bucket && met) co_return Why(bucket.bucket);
    if (same || met) wish.buckets.insert(bucket.bucket);
  }
  if (id.kind == ContainerKind::bucket) co_return Why();
  wish.buckets.insert(id.bucket);
  auto tree = co_await read_tree(context.replica, context.background, std::move(wish));
  if (!tree) co_return tree.error();
  for (const auto& [other, container] : tree->containers) {
    if (other.kind != id.kind || container.tombstone) continue;
    if (is_met_by_deletion(path, other.str())) co_return Why(other.str());
  }
  // What is not listed may be one.
  if (!tree->failed.empty()) co_return tree->failed.begin()->second;
  const bool group = id.kind == ContainerKind::group;
  const std::set<std::string>& unlisted = group ? tree->no_groups : tree->no_collections;
  if (unlisted.empty()) co_return Why();
  co_return Why("what it may have in " + *unlisted.begin() + ", and does not list");
}

std::string damage(const ContainerId& id, const std::string& other) {
  const bool bucket = id.kind == ContainerKind::bucket;
  return "the master deleted it, and it stays, emptied: where `_` in an id stands for any "
         "character (PostgreSQL), deleting it would " +
         std::string(bucket ? "delete the records and the permissions of "
                            : "erase the permissions of ") +
         other + "; delete it by hand where that does no harm";
}

// A bucket goes when nothing is left in it.
ResultTask<Why> holds_more(const PassContext& context, const Scope& scope,
                           const std::string& bucket) {
  TreeWish wish;
  wish.buckets.insert(bucket);
  wish.groups = true;
  auto tree = co_await read_tree(context.replica, context.background, std::move(wish));
  if (!tree) co_return tree.error();
  if (!tree->failed.empty()) co_return tree->failed.begin()->second;
  for (const auto& [id, container] : tree->containers) {
    if (id.kind == ContainerKind::bucket || container.tombstone) continue;
    const CollectionId collection(id.bucket, id.name);
    const bool elsewhere = id.kind == ContainerKind::collection && scope.matches(collection) &&
                           !scope.contains(collection);
    co_return Why("the master deleted it, and it stays, since the replica has " + id.str() +
                  " in it, which is " +
                  (elsewhere ? "another shard's to delete; looked at again when that is gone"
                             : "not the daemon's to delete"));
  }
  if (tree->no_collections.contains(bucket) || tree->no_groups.contains(bucket)) {
    co_return Why(
        "the master deleted it, and it stays: the replica's user may not list what is "
        "in it");
  }
  co_return Why();
}

// The proof may be older than a new container of that id. What a 403 hides may be one. (Of what is
// in a deleted bucket Kinto never says more than that: there the bucket itself is looked at.)
ResultTask<Why> is_back(const PassContext& context, const Deletion& deletion) {
  const ContainerId& id = deletion.id;
  const ContainerId proof = deletion.with_bucket ? bucket_container(id.bucket) : id;
  const auto answer = co_await context.master.look(proof.path());
  if (!answer) co_return answer.error();
  if (!answer->in_front && answer->status == 404) co_return Why();
  co_return Why("the master deleted it, and now it answers " +
                kinto::said(answer->status, answer->message) + "; looked at again");
}

ResultTask<Why> remove(const PassContext& context, Deletion deletion) {
  auto gone =
      co_await delete_container(context.replica, deletion.id, deletion.present, deletion.tombstone);
  if (!gone) co_return gone.error();
  if (gone->what == ContainerOutcome::What::done) co_return Why();
  if (gone->what == ContainerOutcome::What::changed) {
    co_return Why("the master deleted it, and somebody writes to it on the replica");
  }
  co_return Why("the master deleted it, and the replica refuses to: " +
                kinto::said(gone->status, gone->reason) + "; its user " + context.traits.user +
                " needs the right to write " + deletion.id.str());
}

// None may be left when the collection goes (hazard 24: a PostgreSQL server deletes at most
// `storage_max_fetch_size` of them with it, and the others come back). Another daemon may have
// begun to fill it anew: so first the ETag, then whether the master has it again, and then only
// what stood there at that ETag.
ResultTask<Why> empty(const PassContext& context, const Deletion& deletion) {
  constexpr int most = 10'000;  // of at most 10,000 records each, by default
  constexpr int most_changes = 5;
  const CollectionId id(deletion.id.bucket, deletion.id.name);
  const std::string path = kinto::records_path(id);
  int changes = 0;
  for (int rounds = 0; rounds < most && changes < most_changes; ++rounds) {
    const auto count = co_await context.replica.count(path);
    if (!count) {
      if (count.error().code == Errc::not_found) co_return Why();
      co_return count.error();
    }
    auto back = co_await is_back(context, deletion);
    if (!back || *back) co_return back;
    if (count->live == 0 && rounds > 0) co_return Why();
    const auto emptied = co_await delete_records(context.replica, id, count->etag);
    if (!emptied) co_return emptied.error();
    if (*emptied == Emptying::gone) co_return Why();
    if (*emptied == Emptying::changed) ++changes;
    if (*emptied == Emptying::no_right) {
      co_return Why(
          "the master deleted it, and the replica refuses to delete its records; its user " +
          context.traits.user + " needs the right to write " + deletion.id.str());
    }
  }
  co_return Why("the master deleted it, and " + path +
                " does not become empty: somebody writes to it on the replica");
}

}  // namespace

std::vector<Deletion> deletions_due(const DeletionView& view, const Containers& master_buckets,
                                    bool groups, std::vector<ContainerId>& extras) {
  std::vector<Deletion> out;
  std::vector<Deletion> buckets;
  for (const auto& [id, held] : view.replica.containers) {
    if (held.tombstone) continue;
    const ContainerId bucket = bucket_container(id.bucket);
    const auto above = master_buckets.find(bucket);
    const bool bucket_gone = above != master_buckets.end() && above->second.tombstone;
    Deletion deletion{id, Stamp{}, held.stamp};
    if (id.kind == ContainerKind::bucket) {
      if (!bucket_gone || !was_in_scope(view, id.bucket)) continue;
      deletion.tombstone = above->second.stamp;
      buckets.push_back(std::move(deletion));
      continue;
    }
    if (!in_scope(view, id, groups)) continue;
    const Container* const said = view.master.find(id);
    const bool own_tombstone = said != nullptr && said->tombstone;
    if (!own_tombstone && !bucket_gone) continue;
    deletion.tombstone = own_tombstone ? said->stamp : above->second.stamp;
    deletion.with_bucket = !own_tombstone;
    if (is_ours(view, id, held, deletion.tombstone)) {
      out.push_back(std::move(deletion));
    } else {
      extras.push_back(id);
    }
  }
  for (Deletion& bucket : buckets) {
    const bool of_ours = std::ranges::any_of(
        out, [&bucket](const Deletion& one) { return one.id.bucket == bucket.id.bucket; });
    if (bucket.present <= bucket.tombstone || of_ours) {
      out.push_back(std::move(bucket));
    } else {
      extras.push_back(bucket.id);
    }
  }
  return out;
}

ResultTask<std::optional<std::string>> hindrance(const PassContext& context, ContainerId id,
                                                 const DeletionView& view) {
  auto other = co_await neighbour(context, id, view);
  if (!other) co_return other;
  co_return *other ? Why(damage(id, **other)) : Why();
}

namespace {

// Nothing where it may go as things are now.
ResultTask<Why> hindered_now(const PassContext& context, const Deletion& deletion,
                             const DeletionView& view) {
  const ContainerId& id = deletion.id;
  auto back = co_await is_back(context, deletion);
  if (!back || *back) co_return back;
  if (id.kind == ContainerKind::collection) {
    auto emptied = co_await empty(context, deletion);
    if (!emptied || *emptied) co_return emptied;
  }
  if (id.kind == ContainerKind::bucket) {
    auto more = co_await holds_more(context, view.scope, id.bucket);
    if (!more || *more) co_return more;
  }
  co_return co_await hindrance(context, id, view);
}

}  // namespace

ResultTask<std::optional<std::string>> carry_out(const PassContext& context, Deletion deletion,
                                                 const DeletionView& view) {
  // A server may ask for peace in all of its answers.
  constexpr int most_waits = 2;
  for (int waits = 0;; ++waits) {
    auto hindered = co_await hindered_now(context, deletion, view);
    if (!hindered || *hindered) co_return hindered;
    const Millis rest = context.replica.resting_for();
    if (rest <= Millis{0} || waits == most_waits) break;
    // What another daemon fills anew while this one waits must be seen by it.
    co_await context.clock.sleep(rest, context.stop);
  }
  co_return co_await remove(context, std::move(deletion));
}

}  // namespace kinto_mirror::sync
