// Which containers the master deleted, and which of them must stay on a replica all the same.

#include "container_judge.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

namespace {

using What = ContainerState::What;

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

}  // namespace

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

// A bucket is followed for the sake of its collections. One that the master deleted after the last
// of them, which the replica never had, is nobody's to delete.
bool ContainerJudge::was_in_scope(const ContainerStates& replica, std::string_view bucket) const {
  return covers(bucket) || std::ranges::any_of(replica, [&](const auto& one) {
           return kind_of(one.first) == ContainerKind::collection &&
                  one.second.what != What::absent && bucket_of(one.first) == bucket &&
                  in_scope(one.first);
         });
}

bool ContainerJudge::is_left_over(const Site& replica, std::string_view uri) const {
  if (scenario_.sync.deletions != sync::Deletions::follow || !is_deleted(uri)) return false;
  const ContainerStates states = container_states(replica.store());
  const ContainerState& held = state_of(states, uri);
  if (held.what != What::alive) return false;
  if (is_bucket(uri) && !was_in_scope(states, uri)) return false;
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
  const auto shared = of_shards_.find(replica.name());
  const bool elsewhere =
      shared != of_shards_.end() && std::ranges::any_of(shared->second, [&](const auto& one) {
        return std::ranges::any_of(one.second.differences, explains);
      });
  return report == reports_.end() ||
         (!elsewhere && std::ranges::none_of(report->second.differences, explains));
}

int ContainerJudge::purges(const Site& replica, std::string_view uri) const {
  if (!replica.on_memory()) return 0;
  int out = 0;
  for (const auto& [place, times] : deletions_) {
    const auto& [name, deleted] = place;
    if (name == replica.name() && uri != deleted && uri.starts_with(deleted)) out += times;
  }
  return out;
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

}  // namespace kinto_mirror::simulate
