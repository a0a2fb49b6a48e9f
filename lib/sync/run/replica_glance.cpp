// How a replica's loop looks after active collections between two rounds, and beside the visits of
// one.

#include "sync/decide/look.hpp"
#include "sync/decide/visits.hpp"
#include "sync/read/probe.hpp"
#include "sync/run/replica_loop.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using Look = std::pair<Stamp, std::int64_t>;

Look look_of(const kinto::Count& count) {
  return {count.etag, count.live};
}

std::optional<Look> look_of(const Counts& counts, const std::string& path) {
  const auto count = counts.by_path.find(path);
  if (count == counts.by_path.end()) return std::nullopt;
  return look_of(count->second);
}

}  // namespace

Rhythm ReplicaLoop::rhythm() const noexcept {
  return {context_.options.active_interval, context_.options.interval};
}

// Nobody asks a server more often than it wants to be asked.
std::optional<Instant> ReplicaLoop::glance_due() const {
  if (!glances_) return std::nullopt;
  const Instant now = context_.clock.now();
  const auto due = next_glance(states_, rhythm(), now);
  if (!due) return std::nullopt;
  const Millis rest = std::max(context_.master.resting_for(), context_.replica.resting_for());
  const Instant earliest = std::max(*due, now + rest);
  return shares_master() ? next_beat(earliest - Millis{1}, rhythm().active) : earliest;
}

// Until the next round.
Task<void> ReplicaLoop::rest() {
  while (!context_.stop.requested()) {
    const auto look = glance_due();
    const bool first = look && *look < next_;
    const bool woken = co_await nap((first ? *look : next_) - context_.clock.now());
    if (woken || context_.clock.now() >= next_) co_return;
    if (first) co_await glance();
  }
}

Task<void> ReplicaLoop::glance_until_visited() {
  const Rhythm with = rhythm();
  if (with.active >= with.interval) co_return;
  while (!visited_.requested() && !context_.stop.requested()) {
    const Instant now = context_.clock.now();
    // Something may become active meanwhile.
    co_await context_.clock.sleep(glance_due().value_or(now + with.active) - now, visited_);
    if (!visited_.requested()) co_await glance_where_due();
  }
}

Task<void> ReplicaLoop::glance_where_due() {
  const auto look = glance_due();
  if (look && *look <= context_.clock.now()) co_await glance();
}

// Asks the master after all that is due in one go, and follows what has moved. What fails waits for
// the next round, which tells of it.
Task<void> ReplicaLoop::glance() {
  const Instant begin = context_.clock.now();
  std::vector<CollectionId> ids;
  std::vector<std::string> paths;
  std::set<std::string> buckets;
  for (const CollectionId& id : due_glances(states_, rhythm(), begin)) {
    states_[id].activity.looked(begin);
    // Which learns more.
    if (visiting_.contains(id)) continue;
    ids.push_back(id);
    paths.push_back(kinto::records_path(id));
    if (buckets.insert(id.bucket).second) paths.push_back(kinto::collections_path(id.bucket));
  }
  if (paths.empty()) co_return;
  auto counted = co_await counts(context_.master, std::move(paths), master_apart_);
  if (!counted) {
    glances_ = false;
    co_return;
  }
  TaskGroup visits(context_.background.executor());
  for (const CollectionId& id : ids) {
    if (visiting_.contains(id) || !has_moved(id, *counted)) continue;
    co_await visits.wait_below(context_.options.parallel);
    if (context_.stop.requested()) break;
    visits.spawn(visit(id, Pass::glance));
  }
  co_await visits.join();
  if (server_lost_) glances_ = false;
}

// What was counted of both sides before it was followed is old.
void ReplicaLoop::forget_counts(const CollectionId& id) {
  const std::string path = kinto::records_path(id);
  for (Counts* const counted : {&of_master_, &of_replica_}) {
    counted->by_path.erase(path);
    counted->asked.erase(path);
  }
}

// A record may need what its collection has been told since, a new schema for one: that comes with
// the round.
bool ReplicaLoop::has_moved(const CollectionId& id, const Counts& counted) {
  const std::string lists = kinto::collections_path(id.bucket);
  const auto count = counted.by_path.find(kinto::records_path(id));
  if (look_of(counted, lists) != look_of(of_containers_, lists)) return false;
  if (count == counted.by_path.end()) return false;
  CollectionState& state = states_[id];
  take_master_count(state, &count->second);
  return state.moved;
}

// The same of what a follow has listed: a replica that validates refuses what needs a schema that
// it has not been given, and newer records would overtake it.
Task<bool> ReplicaLoop::containers_stand(CollectionId id) {
  const bool matters =
      context_.replica.validates() && context_.options.metadata == Metadata::follow;
  const std::string lists = kinto::collections_path(id.bucket);
  const auto known = look_of(of_containers_, lists);
  if (!matters || !known) co_return true;
  const auto now = co_await context_.master.count(lists);
  co_return now.has_value() && look_of(*now) == *known;
}

}  // namespace kinto_mirror::sync
