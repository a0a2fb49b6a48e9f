#include "container_judge.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace kinto_mirror::simulate {

namespace {

using What = ContainerState::What;

const ContainerState absent;

const ContainerState& state_of(const ContainerStates& states, std::string_view uri) {
  const auto found = states.find(uri);
  return found == states.end() ? absent : found->second;
}

std::set<std::string> list_in(const ContainerState& state, const std::string& permission) {
  const auto found = state.lists.find(permission);
  return found == state.lists.end() ? std::set<std::string>() : found->second;
}

// SQL's LIKE, where only `_` means more than itself.
bool matches(std::string_view text, std::string_view pattern) {
  return std::ranges::equal(text, pattern,
                            [](char one, char other) { return other == '_' || one == other; });
}

// "b/collections/a", as reports call it.
std::string name_of(std::string_view uri) {
  constexpr std::string_view before = "/buckets/";
  return std::string(uri.substr(before.size()));
}

constexpr std::array permissions{"read", "write", "collection:create", "group:create",
                                 "record:create"};

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

bool ContainerJudge::was_deleted(std::string_view uri) const {
  const ContainerHistory& all = history_.containers();
  const Instant since = lately_();
  if (!is_bucket(uri) && all.was_deleted(uri, since)) return true;
  return scenario_.sees_buckets && all.was_deleted(bucket_of(uri), since);
}

bool ContainerJudge::is_deleted(std::string_view uri) const {
  const ContainerHistory& all = history_.containers();
  if (!is_bucket(uri) && all.now(uri).what == What::tombstone) return true;
  return scenario_.sees_buckets && all.now(bucket_of(uri)).what == What::tombstone;
}

// On PostgreSQL its deletion would erase the lists of a neighbour that stays. (The daemon may not
// know that a replica is on memory.)
bool ContainerJudge::is_near_to(const Site& replica, std::string_view uri) {
  const ContainerStates states = container_states(replica.store());
  return std::ranges::any_of(states, [&](const auto& one) {
    return one.second.what == What::alive && one.first != uri && matches(one.first, uri);
  });
}

bool ContainerJudge::must_stay(const Site& replica, std::string_view uri) const {
  const ContainerStates states = container_states(replica.store());
  const bool holds_more =
      is_bucket(uri) && std::ranges::any_of(states, [&](const auto& one) {
        return one.second.what == What::alive && one.first != uri && bucket_of(one.first) == uri;
      });
  return holds_more || is_near_to(replica, uri);
}

bool ContainerJudge::is_left_over(const Site& replica, std::string_view uri) const {
  if (scenario_.sync.deletions != sync::Deletions::follow || !is_deleted(uri)) return false;
  const ContainerStates states = container_states(replica.store());
  const ContainerState& held = state_of(states, uri);
  if (held.what != What::alive) return false;
  const ContainerHistory& all = history_.containers();
  const bool by_bucket = is_bucket(uri) || all.now(uri).what != What::tombstone;
  const model::Epoch tombstone = all.now(by_bucket ? bucket_of(uri) : uri).stamp;
  const bool stays = must_stay(replica, uri);
  const auto report = reports_.find(replica.name());
  const auto explains = [&](const sync::ContainerDifference& one) {
    if (one.id != name_of(uri)) return false;
    return (stays && one.kind == sync::ContainerDifference::Kind::undeleted) ||
           (held.stamp > tombstone && one.kind == sync::ContainerDifference::Kind::extra);
  };
  return report == reports_.end() || std::ranges::none_of(report->second.differences, explains);
}

bool ContainerJudge::has_undeleted(Site& replica) const {
  if (scenario_.sync.deletions != sync::Deletions::follow) return false;
  const auto report = reports_.find(replica.name());
  if (report == reports_.end()) return false;
  return std::ranges::any_of(container_states(replica.store()), [&](const auto& one) {
    const auto& [uri, held] = one;
    if (held.what != What::alive || !in_scope(uri) || !is_deleted(uri)) return false;
    return must_stay(replica, uri) &&
           std::ranges::any_of(report->second.differences, [&uri = uri](const auto& told) {
             return told.id == name_of(uri) &&
                    told.kind == sync::ContainerDifference::Kind::undeleted;
           });
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

void ContainerJudge::compare(Site& replica, const std::string& uri, const ContainerState& then,
                             const ContainerState& now) {
  const std::string what = replica.name() + " " + uri;
  if (then.what != What::alive && now.what != What::alive) return;  // purged with a neighbour
  ++changes_;
  if (!in_scope(uri)) return fail_("P10", what + " was touched, and is not in scope");
  if (now.what != What::alive) {
    const bool follows = scenario_.sync.deletions == sync::Deletions::follow;
    if (!follows || !was_deleted(uri)) fail_("P3", what + " was deleted, and not by the master");
    return;
  }
  watch_data(replica, uri, then, now);
  watch_lists(replica, uri, then, now);
}

// P9: what is written is what the master has, or had while the daemon looked.
void ContainerJudge::watch_data(Site& replica, const std::string& uri, const ContainerState& then,
                                const ContainerState& now) {
  if (then.what == What::alive && then.data == now.data) return;
  const std::string what = replica.name() + " " + uri;
  const bool group = kind_of(uri) == ContainerKind::group;
  if (then.what == What::alive && !group && scenario_.sync.metadata == sync::Metadata::create) {
    return fail_("P9", what + " got other metadata, which are copied only when it is created");
  }
  const Following by = following(replica);
  const auto versions = history_.containers().from(uri, lately_());
  const bool known = std::ranges::any_of(versions, [&](const ContainerHistory::Version* one) {
    return one->state.what == What::alive && wanted_data(one->state, uri, by) == now.data;
  });
  if (!known) fail_("P9", what + " got metadata that the master does not have");
}

// P9: no right is given that the master does not give, and none taken that it does not take: what
// is not shown says nothing.
void ContainerJudge::watch_lists(Site& replica, const std::string& uri, const ContainerState& then,
                                 const ContainerState& now) {
  const Following by = following(replica);
  const auto versions = history_.containers().from(uri, lately_());
  const auto some = [&](const std::string& permission, auto&& holds) {
    return std::ranges::any_of(versions, [&](const ContainerHistory::Version* one) {
      if (one->state.what != What::alive || !shows_lists(one->state, by.on_master)) return false;
      const auto wanted = wanted_list(one->state, uri, permission, by);
      return wanted && holds(*wanted);
    });
  };
  const auto& readers = scenario_.sync.readers;
  for (const std::string permission : permissions) {
    const std::set<std::string> before = list_in(then, permission);
    const std::set<std::string> after = list_in(now, permission);
    const bool reads = permission == "read";
    for (const std::string& one : after) {
      if (before.contains(one) || (permission == "write" && one == by.on_replica)) continue;
      const bool reader = reads && kind_of(uri) == ContainerKind::collection &&
                          std::ranges::find(readers, one) != readers.end();
      if (!reader && !some(permission, [&](const auto& all) { return all.contains(one); })) {
        fail_("P9", replica.name() + " " + uri + " gives " + permission + " to " + one +
                        ", and the master does not");
      }
      if (kind_of(uri) != ContainerKind::group) watch_grant(replica, uri, one);
    }
    for (const std::string& one : before) {
      if (after.contains(one)) continue;
      if (!some(permission, [&](const auto& all) { return !all.contains(one); })) {
        fail_("P9", replica.name() + " " + uri + " takes " + permission + " from " + one +
                        ", and the master does not");
      }
    }
  }
}

// P6: who is let in reads all that there was, or misses for ever what comes below its ETag.
void ContainerJudge::watch_grant(Site& replica, const std::string& uri,
                                 const std::string& principal) {
  for (const CollectionId& id : scenario_.collections) {
    const bool within = uri == path_of(id) || uri == "/buckets/" + id.bucket;
    // One that comes to a bucket that is open already is read while it is loaded.
    const bool is_new = std::ranges::any_of(
        history_.containers().from(path_of(id), lately_()),
        [](const ContainerHistory::Version* one) { return one->state.what != What::alive; });
    if (!within || is_new || is_loaded_(replica, id)) continue;
    fail_("P6", replica.name() + " " + uri + " lets " + principal + " in before " + id.str() +
                    " is loaded");
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

void ContainerJudge::told(Site& replica, const sync::ContainersReport& report) {
  reports_[replica.name()] = report;
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
