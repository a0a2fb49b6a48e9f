#include "sync/write/extras.hpp"

#include "sync/decide/brake.hpp"
#include "sync/decide/chunks.hpp"
#include "sync/decide/proof.hpp"
#include "sync/read/look_up.hpp"
#include "sync/read/visibility.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// Looked up and deleted at a time.
constexpr std::size_t chunk_size = 500;

// The first few of the records that only the replica has, by id.
std::vector<std::string> examples(const MergeJoin& join) {
  constexpr std::size_t shown = 5;
  std::vector<std::string> ids;
  for (const auto& [id, stamp] : join.extras()) {
    ids.push_back(id);
    std::ranges::push_heap(ids);
    if (ids.size() <= shown) continue;
    std::ranges::pop_heap(ids);
    ids.pop_back();
  }
  std::ranges::sort(ids);
  return ids;
}

// `master`: what it says now, where it has anything.
Write removal(const std::string& id, Stamp replica_stamp, const Found* master) {
  Write write;
  write.change.id = id;
  write.change.tombstone = true;
  write.replica = Known{replica_stamp, false};
  write.action = Action::remove;
  write.for_lack = master == nullptr;
  if (master != nullptr) write.change.stamp = write.placed = master->stamp;
  return write;
}

// The master's tombstones first, in their order; then those for lack, above `last`. Left to itself,
// the replica stamps a tombstone with its present, which may lie above changes of the master that
// are still to come, and readers would miss those.
void place(std::vector<Write>& writes, Stamp& last) {
  std::ranges::stable_sort(
      writes, {}, [](const Write& write) { return std::pair(write.for_lack, write.change.stamp); });
  if (last == Stamp{}) return;
  for (Write& write : writes) {
    if (!write.for_lack) continue;
    last.ms = std::max(last, write.guard()).ms + 1;
    write.placed = last;
  }
}

// Whether it is to go. What the master wrote since the walk began comes with the next poll: now, it
// would overtake older changes, which readers would miss then.
bool goes(Stamp replica_stamp, const Found* master, std::optional<Stamp> horizon,
          ExtrasLeft& left) noexcept {
  if (master == nullptr) return true;
  if (horizon && master->stamp > *horizon) {
    ++left.newer;
    return false;
  }
  if (!master->tombstone && master->stamp != replica_stamp) ++left.open;
  return master->tombstone;
}

// What is absent from a list of these ids may have been left out of it: the server's own count of
// the same ids says whether it was, where the same answer shows that this user may see all.
ResultTask<void> prove_absent(const PassContext& context, const CollectionId& id,
                              std::vector<std::string> ids,
                              const std::unordered_map<std::string, Found>& found) {
  for (const std::vector<std::string>& chunk : into_id_chunks(std::move(ids))) {
    Whole whole;
    for (const std::string& one : chunk) {
      const auto item = found.find(one);
      if (item != found.end() && !item->second.tombstone) ++whole.live;
    }
    if (std::cmp_equal(whole.live, chunk.size())) continue;
    auto sight = co_await sight_of(context.master, id, context.clock, chunk);
    if (!sight) co_return sight.error();
    if (!sight->whole) co_return sight->whole.error();
    const std::int64_t live = sight->count.live;
    if (live > whole.live) co_return not_the_whole(context.master.config(), id, whole, live);
  }
  co_return success();
}

// Of `doubtful` extras, and more that were not held.
std::optional<BrakeReport> brake(const PassContext& context, const CollectionId& id,
                                 const MergeJoin& join, const Applier& applier,
                                 const Before& before, std::int64_t doubtful) {
  BrakeInput input;
  input.deletes = doubtful + join.extras_not_held();
  if (input.deletes == 0) return std::nullopt;
  input.replica_live = join.replica_live();
  input.master_live = join.master_live();
  const std::int64_t survivors = join.survivors() + applier.applied().lacking_up_to(before.etag);
  input.nothing_left = before.live > 0 && before.etag > Stamp{} && survivors == 0;
  const auto released = context.traits.released.find(id);
  if (released != context.traits.released.end()) input.released = released->second;
  auto held = pulled(context.options.max_delete, input);
  if (held) held->ids = examples(join);
  return held;
}

}  // namespace

ResultTask<ExtrasLeft> remove_extras(const PassContext& context, MergeJoin& join, Applier& applier,
                                     CollectionReport& report, const Before& before,
                                     LeaveToDelete leave, bool proven) {
  ExtrasLeft left;
  std::vector<std::pair<std::string, Stamp>> extras(join.extras().begin(), join.extras().end());
  const auto doubtful = std::partition(extras.begin(), extras.end(), [&leave](const auto& extra) {
    return leave.up_to && extra.second <= *leave.up_to;
  });
  if (leave.all) {
    report.brake = brake(context, report.id, join, applier, before, extras.end() - doubtful);
  }
  if (!leave.all || report.brake) extras.erase(doubtful, extras.end());
  if (extras.empty()) co_return left;
  auto held = co_await context.replica.count(kinto::records_path(report.id));
  if (!held) co_return held.error();
  Stamp last = held->etag;
  std::ranges::sort(extras, {}, [](const auto& extra) { return extra.second; });
  for (std::size_t begin = 0; begin < extras.size(); begin += chunk_size) {
    const std::size_t end = std::min(extras.size(), begin + chunk_size);
    std::vector<std::string> ids;
    for (std::size_t i = begin; i < end; ++i) ids.push_back(extras[i].first);
    auto found = co_await look_up(context.master, report.id, ids, With::stamps, Word::of_now);
    if (!found) co_return found.error();
    if (!proven) {
      auto absent = co_await prove_absent(context, report.id, std::move(ids), *found);
      if (!absent) co_return absent.error();
    }
    std::vector<Write> writes;
    for (std::size_t i = begin; i < end; ++i) {
      const auto& [id, stamp] = extras[i];
      const auto item = found->find(id);
      const Found* const master = item == found->end() ? nullptr : &item->second;
      join.forget_extra(id);
      if (goes(stamp, master, applier.horizon(), left))
        writes.push_back(removal(id, stamp, master));
    }
    place(writes, last);
    for (Write& write : writes) {
      auto added = co_await applier.add(std::move(write));
      if (!added) co_return added.error();
    }
    auto flushed = co_await applier.flush();
    if (!flushed) co_return flushed.error();
  }
  co_return left;
}

}  // namespace kinto_mirror::sync
