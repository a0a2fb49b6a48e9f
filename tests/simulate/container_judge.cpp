#include "container_judge.hpp"

#include <algorithm>
#include <set>

namespace kinto_mirror::simulate {

namespace {

using What = ContainerState::What;

}  // namespace

ContainerJudge::ContainerJudge(const Timeline& timeline, const Scenario& scenario, Site& master,
                               const History& history, Fail fail, Lately lately, IsLoaded is_loaded)
    : timeline_(timeline),
      scenario_(scenario),
      master_(master),
      history_(history),
      fail_(std::move(fail)),
      lately_(std::move(lately)),
      is_loaded_(std::move(is_loaded)) {}

Following ContainerJudge::following(Site& replica) const {
  return {scenario_.sync, master_.daemons_principal(), replica.daemons_principal()};
}

bool ContainerJudge::in_scope(std::string_view uri) const {
  const std::string_view bucket = bucket_of(uri);
  return std::ranges::any_of(scenario_.collections, [&](const CollectionId& id) {
    if (bucket != "/buckets/" + id.bucket) return false;
    if (kind_of(uri) == ContainerKind::collection) return uri == path_of(id) || covers(bucket);
    return is_bucket(uri) || scenario_.sync.groups == sync::Groups::follow;
  });
}

// What only the replica has in it goes by the bucket's tombstone, too.
bool ContainerJudge::covers(std::string_view bucket) const {
  return std::ranges::any_of(scenario_.sync.collections, [&](const std::string& glob) {
    return "/buckets/" + glob == std::string(bucket) + "/*";
  });
}

// A daemon that was configured anew may have been told of fewer collections.
bool ContainerJudge::is_named(std::string_view uri) const {
  if (kind_of(uri) != ContainerKind::collection || covers(bucket_of(uri))) return true;
  return std::ranges::any_of(scenario_.collections, [&](const CollectionId& id) {
    const auto& named = scenario_.sync.collections;
    return uri == path_of(id) && std::ranges::find(named, id.str()) != named.end();
  });
}

bool ContainerJudge::has_extra(Site& replica) const {
  return std::ranges::any_of(container_states(replica.store()), [&](const auto& one) {
    return one.second.what == What::alive && in_scope(one.first) &&
           history_.containers().now(one.first).what != What::alive;
  });
}

bool ContainerJudge::bring_up_to_date(const Site& replica) {
  const std::uint64_t revision = container_revision(replica.store());
  Known& known = known_[&replica];
  if (known.states && known.revision == revision) return false;
  known = {revision, std::make_shared<const ContainerStates>(container_states(replica.store()))};
  return true;
}

void ContainerJudge::before(Site& replica) {
  bring_up_to_date(replica);
}

void ContainerJudge::after(Site& replica) {
  const Known before = known_[&replica];
  if (!bring_up_to_date(replica)) return;
  const Known now = known_[&replica];
  std::set<std::string> uris;
  for (const auto* const states : {before.states.get(), now.states.get()}) {
    for (const auto& [uri, state] : *states) uris.insert(uri);
  }
  for (const std::string& uri : uris) {
    const ContainerState& then = state_of(*before.states, uri);
    const ContainerState& is = state_of(*now.states, uri);
    if (!(then == is)) compare(replica, uri, then, is);
  }
}

std::vector<std::string> ContainerJudge::gaps(Site& replica, Instant settled) const {
  std::vector<std::string> out;
  const Following by = following(replica);
  const ContainerStates held = container_states(replica.store());
  for (const auto& [uri, state] : container_states(master_.store())) {
    const bool moves = history_.containers().changed(uri) >= settled ||
                       history_.containers().changed(bucket_of(uri)) >= settled;
    if (state.what != What::alive || !in_scope(uri) || !is_named(uri) || moves) continue;
    std::ranges::move(container_gaps(uri, state, state_of(held, uri), by), std::back_inserter(out));
  }
  for (const auto& [uri, state] : held) {
    const bool moves = history_.containers().changed(uri) >= settled ||
                       history_.containers().changed(bucket_of(uri)) >= settled;
    if (in_scope(uri) && !moves && is_left_over(replica, uri)) {
      out.push_back(uri + " is still there, and was deleted");
    }
  }
  return out;
}

void ContainerJudge::told(Site& replica, Run run, const sync::ContainersReport& report) {
  reports_[replica.name()] = report;
  if (scenario_.shards > 0) of_shards_[replica.name()][run] = report;
  if (report.state != sync::State::in_sync) return;
  const Instant since = lately_();
  const auto disturbed = disturbed_.find(replica.name());
  if (disturbed != disturbed_.end() && disturbed->second >= since) return;
  if (scenario_.daemons > 1 || scenario_.may_be_late()) return;
  const auto left = gaps(replica, since);
  if (!left.empty())
    fail_("P8", replica.name() + "'s containers are said to be in sync: " + left.front());
}

bool ContainerJudge::has_unknown(Site& replica) const {
  const Following by = following(replica);
  const ContainerStates held = container_states(replica.store());
  return std::ranges::any_of(container_states(master_.store()), [&](const auto& one) {
    return one.second.what == What::alive && in_scope(one.first) &&
           has_unknown_lists(one.first, one.second, state_of(held, one.first), by);
  });
}

}  // namespace kinto_mirror::simulate
