#include "sync/write/replan.hpp"

#include "sync/read/look_up.hpp"
#include "sync/write/free_stamps.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using AllFound = std::unordered_map<std::string, Found>;

// The replica holds something else than was planned with, so somebody else replicates too, or the
// master has moved on: what was listed may be old, whatever its stamp says. Those to ask about.
std::vector<Replan> to_ask(std::vector<Replan> replans, Applied& applied) {
  std::vector<Replan> ahead;
  for (Replan& replan : replans) {
    // An extra that changed since it was listed is somebody's record: the next pass looks again.
    if (replan.write.for_lack) {
      applied.leave(replan.write);
    } else if (plan(replan.write.change, replan.known) == Action::none) {
      ++applied.already;
    } else {
      ahead.push_back(std::move(replan));
    }
  }
  return ahead;
}

struct AtMaster {
  Stamp etag;  // of before
  AllFound found;
};

ResultTask<AtMaster> ask_master(const PassContext& context, CollectionId collection,
                                const std::vector<Replan>& ahead) {
  std::vector<std::string> ids;
  ids.reserve(ahead.size());
  for (const Replan& replan : ahead) ids.push_back(replan.write.change.id);
  // Asked first by a question that no cache answers, so that an old answer to the next one shows.
  const auto now_there = co_await context.master.count(kinto::records_path(collection));
  if (!now_there) co_return now_there.error();
  auto found =
      co_await look_up(context.master, collection, std::move(ids), With::bodies, Word::of_now);
  if (!found) co_return found.error();
  co_return AtMaster{now_there->etag, std::move(*found)};
}

// What the replica holds of some records, asked for all of them when one is asked for.
class Held {
 public:
  Held(const PassContext& context, const CollectionId& collection, const std::vector<Replan>& ahead)
      : context_(context), collection_(collection) {
    for (const Replan& one : ahead) {
      if (one.known && !one.known->tombstone) ids_.push_back(one.write.change.id);
    }
  }

  // Whether the version that the write is planned with is the master's, but for its stamp.
  ResultTask<bool> same_as(const Write& write) {
    if (!found_) {
      auto found = co_await look_up(context_.replica, collection_, std::move(ids_), With::bodies);
      if (!found) co_return found.error();
      found_ = std::move(*found);
    }
    const auto held = found_->find(write.change.id);
    co_return held != found_->end() && held->second.stamp == write.guard() &&
        same_body(held->second.record, write.record);
  }

 private:
  const PassContext& context_;
  const CollectionId& collection_;
  std::vector<std::string> ids_;
  std::optional<AllFound> found_;
};

// The replica has taken these bytes from somebody else: so it would from us. Its permissions go
// with the record. Not where it has changed again.
ResultTask<void> take_over(const PassContext& context, const CollectionId& collection,
                           Write& write) {
  kinto::Subrequest get("GET", kinto::record_path(collection, write.change.id));
  const auto held = co_await context.replica.send_patiently(std::move(get));
  if (!held) co_return held.error();
  write.outrun = false;
  write.accepted = held->status == 200 && held->stamp == write.guard();
  if (write.accepted) write.permissions = held->permissions;
  co_return success();
}

// The next stamp to the record's, for what is not to stay, where nothing can be in its way: nothing
// where the replica holds each stamp once, and where the master may give it to a later version,
// which a request that is delivered twice would take for this one.
std::optional<Stamp> passing_stamp(const Write& write, const Recreate& known, Stamp master_etag) {
  const Stamp next{write.guard().ms + 1};
  if (known.holds_stamps_once || next > master_etag) return std::nullopt;
  return next;
}

// Changes what is to be done where the record may not be deleted and created anew, or not yet.
ResultTask<void> allow_recreate(const PassContext& context, const CollectionId& collection,
                                const std::set<Stamp>& freed, Stamp master_etag, Held& held,
                                Write& write) {
  Recreate known{.holds_stamps_once = context.traits.holds_stamps_once.value_or(false)};
  for (;;) {
    switch (after_recreate(write, freed, known)) {
      case AfterRecreate::allowed:
        if (write.action == Action::recreate) {
          write.erased_at = passing_stamp(write, known, master_etag).value_or(Stamp{});
        }
        co_return success();
      case AfterRecreate::ask_same: {
        const auto same = co_await held.same_as(write);
        if (!same) co_return same.error();
        known.same = *same;
        break;
      }
      case AfterRecreate::take_over: {
        const auto taken = co_await take_over(context, collection, write);
        if (!taken) co_return taken.error();
        break;
      }
      case AfterRecreate::ask_stands: {
        const auto stands = co_await stands_at_next_free(context.replica, collection,
                                                         write.change.stamp, write.guard());
        if (!stands) co_return stands.error();
        known.stands = *stands;
        break;
      }
      case AfterRecreate::ask_once: {
        const std::optional<bool> once = co_await holds_stamps_once(context);
        known.once = once.value_or(false);
        break;
      }
      case AfterRecreate::none:
        write.action = Action::none;
        co_return success();
      case AfterRecreate::update:
        write.action = Action::update;
        if (const auto stamp = passing_stamp(write, known, master_etag)) {
          write.trial = true;
          write.placed = *stamp;
        }
        co_return success();
      case AfterRecreate::wait:
        write.action = Action::recheck;
        write.waited = true;
        co_return success();
    }
  }
}

// Kinto ignores a tombstone's stamp that is not above the record's own (hazard 34) and takes its
// present, which may lie above changes of the master that are still to come, so that readers would
// miss those. It gets the least stamp that is new there instead, behind all others. Example: the
// master deleted `a` at 60, the replica has it at 90 and an ETag of 100: its tombstone stands at
// 101.
ResultTask<void> place_low_tombstones(const PassContext& context, const CollectionId& collection,
                                      std::vector<Write>& writes) {
  const auto is_low = [](const Write& write) {
    return write.action == Action::remove && write.placed <= write.guard();
  };
  // Not std::ranges::stable_partition, whose result clang 14 cannot compile with this libstdc++.
  const auto low = std::stable_partition(writes.begin(), writes.end(), std::not_fn(is_low));
  if (low == writes.end()) co_return success();
  const auto held = co_await context.replica.count(kinto::records_path(collection));
  if (!held) co_return held.error();
  Stamp last = held->etag;
  for (auto write = low; write != writes.end(); ++write) {
    last.ms = std::max(last, write->guard()).ms + 1;
    write->placed = last;
  }
  co_return success();
}

std::optional<MasterNow> take(AllFound& found, const std::string& id) {
  const auto now = found.find(id);
  if (now == found.end()) return std::nullopt;
  return MasterNow{now->second.stamp, now->second.tombstone, std::move(now->second.record)};
}

// Of `ahead`, what is to be written.
ResultTask<std::vector<Write>> decide(const PassContext& context, const CollectionId& collection,
                                      std::optional<Stamp> horizon, Applied& applied,
                                      std::vector<Replan> ahead, AtMaster at_master) {
  std::vector<Write> again;
  Held held(context, collection, ahead);
  std::set<Stamp> freed;  // by records that leave them, unless they are refused
  for (auto& [write, known] : ahead) {
    auto now = take(at_master.found, write.change.id);
    switch (after_recheck(write, known, now ? &*now : nullptr, horizon)) {
      case AfterRecheck::leave:
        applied.leave(write);
        continue;
      case AfterRecheck::newer:
        ++applied.newer;
        continue;
      case AfterRecheck::already:
        ++applied.already;
        continue;
      case AfterRecheck::write:
        break;
    }
    auto allowed = co_await allow_recreate(context, collection, freed, at_master.etag, held, write);
    if (!allowed) co_return allowed.error();
    if (write.action == Action::none) {
      ++applied.already;
      continue;
    }
    if (known) freed.insert(known->stamp);
    again.push_back(std::move(write));
  }
  co_return again;
}

}  // namespace

ResultTask<std::vector<Write>> replan(const PassContext& context, CollectionId collection,
                                      std::optional<Stamp> horizon, Applied& applied,
                                      std::vector<Replan> replans) {
  std::vector<Replan> ahead = to_ask(std::move(replans), applied);
  if (ahead.empty()) co_return std::vector<Write>{};
  auto at_master = co_await ask_master(context, collection, ahead);
  if (!at_master) co_return at_master.error();
  auto again = co_await decide(context, collection, horizon, applied, std::move(ahead),
                               std::move(*at_master));
  if (!again) co_return again.error();
  std::ranges::stable_sort(*again, {}, [](const Write& write) { return write.change.stamp; });
  auto placed = co_await place_low_tombstones(context, collection, *again);
  if (!placed) co_return placed.error();
  co_return again;
}

}  // namespace kinto_mirror::sync
