// What the daemons may write to containers: what the master has, in an order that harms nobody.

#include "container_judge.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>

namespace kinto_mirror::simulate {

namespace {

using What = ContainerState::What;

constexpr std::array kinds_of_permission{"read", "write", "collection:create", "group:create",
                                         "record:create"};

std::string words(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

}  // namespace

void ContainerJudge::compare(Site& replica, const std::string& uri, const ContainerState& then,
                             const ContainerState& now) {
  const std::string what = replica.name() + " " + uri;
  if (then.what != What::alive && now.what != What::alive) return;  // purged with a neighbour
  ++changes_;
  if (!in_scope(uri)) return fail_("P10", what + " was touched, and is not in scope");
  if (now.what != What::alive) {
    if (kind_of(uri) != ContainerKind::group) deleted(replica, uri);
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
  for (const std::string permission : kinds_of_permission) {
    const std::set<std::string> before = list_in(then.lists, permission);
    const std::set<std::string> after = list_in(now.lists, permission);
    const bool reads = permission == "read";
    for (const std::string& one : after) {
      if (before.contains(one) || (permission == "write" && one == by.on_replica)) continue;
      const bool reader = reads && kind_of(uri) == ContainerKind::collection &&
                          std::ranges::find(readers, one) != readers.end();
      if (!reader && !some(permission, [&](const auto& all) { return all.contains(one); })) {
        fail_("P9", words({replica.name(), " ", uri, " gives ", permission, " to ", one,
                           ", and the master does not"}));
      }
      if (kind_of(uri) != ContainerKind::group) watch_grant(replica, uri, one);
    }
    for (const std::string& one : before) {
      if (after.contains(one)) continue;
      if (!some(permission, [&](const auto& all) { return !all.contains(one); })) {
        fail_("P9", words({replica.name(), " ", uri, " takes ", permission, " from ", one,
                           ", and the master does not"}));
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
    fail_("P6", words({replica.name(), " ", uri, " lets ", principal, " in before ", id.str(),
                       " is loaded"}));
  }
}

}  // namespace kinto_mirror::simulate
