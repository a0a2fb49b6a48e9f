#include "sync/decide/merge_join.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace kinto_mirror::sync {

std::uint64_t MergeJoin::hash(std::string_view id) noexcept {
  return std::hash<std::string_view>{}(id);
}

void MergeJoin::remember(std::unordered_set<std::uint64_t>& hashes, std::string_view id) const {
  if (replica_open_ && hashes.size() < max_hashes) hashes.insert(hash(id));
}

void MergeJoin::move_to(Stamp stamp) {
  if (stamp > stamp_) settle();
  stamp_ = stamp;
}

void MergeJoin::settle() {
  const bool taken = last_replica_stamp_ == stamp_;
  for (Difference& difference : waiting_) {
    if (difference.change.id.empty()) continue;  // met its equal
    difference.stamp_taken = taken && !difference.change.tombstone;
    remember(passed_, difference.change.id);
    const bool missing = !difference.change.tombstone && !difference.replica;
    if (missing && difference.change.stamp <= etag_before_) ++lost_;
    settled_.push_back(std::move(difference));
  }
  waiting_.clear();
  waiting_at_.clear();
}

// What the replica's rows have shown of this id.
std::optional<Known> MergeJoin::met(const Row& row) {
  if (const auto older = pending_.find(std::string(row.id)); older != pending_.end()) {
    const Known known{older->second, false};
    if (known.stamp <= etag_before_ && !row.tombstone) ++survivors_;
    pending_.erase(older);
    return known;
  }
  if (beyond_.erase(hash(row.id)) == 0) return std::nullopt;
  --not_held_;
  return not_held;
}

void MergeJoin::master(const Row& row) {
  move_to(row.stamp);
  ++ordinal_;
  if (!row.tombstone) ++master_live_;
  Difference difference;
  difference.replica = met(row);
  if (row.tombstone && !difference.replica) {
    // Nothing to delete as far as the walk has come.
    remember(tombstones_, row.id);
    return;
  }
  difference.change = Change{std::string(row.id), row.stamp, row.tombstone};
  if (waiting_.size() < max_bodies) difference.record = row.record;
  difference.ordinal = ordinal_;
  waiting_at_[difference.change.id] = waiting_.size();
  waiting_.push_back(std::move(difference));
}

void MergeJoin::overtaken(const Row& row) {
  move_to(row.stamp);
  if (!row.tombstone) ++master_live_;
  if (!met(row)) remember(overtaken_, row.id);
}

// Both have it at this stamp. False where the bodies are still to be compared.
bool MergeJoin::meet(Difference& difference, const Row& row) const {
  if (!bodies_ || (!difference.record.empty() && difference.record == row.record)) return true;
  difference.spelled_otherwise = true;
  difference.replica = Known{row.stamp, false};
  if (!difference.record.empty()) difference.of_replica = row.record;
  return false;
}

Met MergeJoin::replica(const Row& row) {
  move_to(row.stamp);
  if (last_replica_stamp_ == row.stamp) replica_repeats_stamps_ = true;
  last_replica_stamp_ = row.stamp;
  if (row.tombstone) return Met::nothing;  // as good as absent
  ++replica_live_;
  std::string id(row.id);
  const auto place = waiting_at_.find(id);
  if (place != waiting_at_.end()) {
    Difference& difference = waiting_[place->second];
    if (difference.change.tombstone) {
      difference.replica = Known{row.stamp, false};
      return Met::nothing;
    }
    if (row.stamp <= etag_before_) ++survivors_;
    const bool same = meet(difference, row);
    waiting_at_.erase(place);
    if (!same) return Met::nothing;
    ++same_;
    difference.change.id.clear();
    return Met::same;
  }
  if (overtaken_.contains(hash(row.id))) return Met::nothing;
  if (passed_.contains(hash(row.id))) {
    ++found_later_;
    return Met::later;
  }
  if (tombstones_.contains(hash(row.id))) {
    // Deleted on the master, alive here at a higher stamp: settled by asking the master again.
    Difference difference;
    difference.change = Change{std::move(id), Stamp{}, true};
    difference.replica = Known{row.stamp, false};
    settled_.push_back(std::move(difference));
    return Met::nothing;
  }
  if (pending_.size() >= max_pending_) {
    if (not_held_ == 0) oldest_not_held_ = row.stamp;
    ++not_held_;
    if (beyond_.size() < max_hashes) beyond_.insert(hash(row.id));
    return Met::nothing;
  }
  pending_[std::move(id)] = row.stamp;
  return Met::nothing;
}

std::int64_t MergeJoin::master_open() const noexcept {
  const auto waits = [](const Difference& one) {
    return !one.change.tombstone && !one.change.id.empty();
  };
  return std::ranges::count_if(waiting_, waits) + std::ranges::count_if(settled_, waits);
}

std::vector<Difference> MergeJoin::take() {
  return std::exchange(settled_, {});
}

}  // namespace kinto_mirror::sync
