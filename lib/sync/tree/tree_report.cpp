// What a pass over the containers has to tell.

#include "kinto/batch.hpp"
#include "sync/tree/tree_pass.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using Kind = ContainerDifference::Kind;

std::string bucket_of(const ContainerDifference& one) {
  return one.id.substr(0, one.id.find('/'));
}

bool is_loaded(const ContainerId& id, const TreePass::Loaded& loaded) {
  return loaded && id.kind == ContainerKind::collection && loaded(CollectionId(id.bucket, id.name));
}

}  // namespace

ContainersReport TreePass::report() const {
  std::set<std::string> buckets = buckets_;
  for (const ContainerDifference& one : settled_) buckets.insert(bucket_of(one));
  ContainersReport out;
  for (const std::string& bucket : buckets) out += report(bucket);
  std::ranges::sort(out.differences, {}, &ContainerDifference::id);
  out.state = conclude(out, context_.options.extras);
  return out;
}

ContainersReport TreePass::report(const std::string& bucket) const {
  ContainersReport out;
  const auto removed = removed_.find(bucket);
  if (removed != removed_.end()) out.written.deleted = removed->second;
  for (const Tree* const tree : {&master_, &replica_}) {
    const auto failed = tree->failed.find(bucket);
    if (failed != tree->failed.end() && !out.error) out.error = failed->second;
  }
  for (const ContainerDifference& one : settled_) {
    if (bucket_of(one) == bucket) out.differences.push_back(one);
  }

  const bool follows_groups = context_.options.groups == Groups::follow;
  const bool shown = std::ranges::any_of(
      items_, [&bucket](const auto& one) { return one.first.bucket == bucket; });
  const bool ours = shown && scope_.owns_bucket(bucket);
  if (follows_groups && ours && master_.no_groups.contains(bucket)) {
    out.differences.push_back({bucket, Kind::unknown_permissions,
                               bucket + "/groups are not copied: the master's user " +
                                   context_.traits.master_user +
                                   " may not list them; it needs the right to read " + bucket});
  }
  for (const auto& [id, item] : items_) {
    if (id.bucket == bucket) tell(id, item, out);
  }
  std::ranges::sort(out.differences, {}, &ContainerDifference::id);
  out.state = conclude(out, context_.options.extras);
  return out;
}

void TreePass::tell(const ContainerId& id, const Item& item, ContainersReport& report) const {
  if (item.created) ++report.written.created;
  if (item.updated && !item.created) ++report.written.updated;
  if (item.lent || is_paused(id)) return;
  const bool refused_for_good =
      item.refused && item.refused->what == ContainerOutcome::What::refused;
  ContainerPlan now = plan(id, item, true);
  // A stamp that may not be lifted is no difference.
  if (now.differences.empty() || (item.refused && now.only_stamp)) {
    if (item.created || item.updated) return;
    ++report.same;
    if (context_.options.names) report.equal.push_back(id.str());
    return;
  }
  if (item.unseen || (!item.replica && replica_.forbidden.contains(id))) {
    const bool inside = std::ranges::any_of(items_, [&](const auto& one) {
      return one.first.bucket == id.bucket && is_loaded(one.first, loaded_);
    });
    const bool there = id.kind == ContainerKind::bucket ? inside : is_loaded(id, loaded_);
    if (there && !settings_.needs_lists(id.kind)) return;
    if (there) now.differences = {Kind::unknown_permissions};
  }
  for (const Kind kind : now.differences) {
    const bool of_refusal = refused_for_good && kind != Kind::unknown_permissions;
    report.differences.push_back(
        {id.str(), of_refusal ? Kind::quarantined : kind, reason(kind, id, item)});
    if (of_refusal) break;
  }
  const bool no_right = item.refused && !refused_for_good;
  if (no_right && !report.error) {
    report.error = kinto::error_of(
        context_.replica.config(), Errc::forbidden,
        id.str() + ": " + kinto::said(item.refused->status, item.refused->reason) + "; its user " +
            context_.traits.user + " needs the right to write it, or to create it",
        item.refused->status);
  }
}

std::string TreePass::reason(Kind kind, const ContainerId& id, const Item& item) const {
  if (kind == Kind::unknown_permissions) {
    const bool of_master = context_.options.permissions != Permissions::keep && !item.master.lists;
    const kinto::Server& server = of_master ? context_.master : context_.replica;
    return server.config().name + " does not show the permissions of " + id.str() +
           " to its user " + (of_master ? context_.traits.master_user : context_.traits.user) +
           ", who needs to be in `write` of this very object";
  }
  if (item.refused) return "refused: " + kinto::said(item.refused->status, item.refused->reason);
  if (item.unseen) return "the replica does not show it to its user, nor lets it create it";
  if (kind == Kind::permissions) {
    const bool bucket = id.kind == ContainerKind::bucket;
    const auto other = bucket ? waits_for(id.bucket) : std::nullopt;
    return plan(id, item, true).lists_differ +
           (other ? "; granted when " + *other + " is loaded, which is another shard's" : "");
  }
  return kind == Kind::missing ? "only the master has it" : "other metadata than the master's";
}

}  // namespace kinto_mirror::sync
