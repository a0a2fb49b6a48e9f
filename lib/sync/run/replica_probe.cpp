// How a replica's loop learns between two passes that something happened to a collection.

#include "sync/decide/after_pass.hpp"
#include "sync/decide/look.hpp"
#include "sync/read/probe.hpp"
#include "sync/run/replica_loop.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

const kinto::Count* find(const Counts& counts, const CollectionId& id) {
  const auto count = counts.by_path.find(kinto::records_path(id));
  return count == counts.by_path.end() ? nullptr : &count->second;
}

}  // namespace

// Of all that is known already, containers and records together.
ResultTask<void> ReplicaLoop::count_ahead() {
  of_replica_ = Counts();
  of_master_ = Counts();
  std::vector<std::string> paths = tree_->endpoints();
  take_replica_turn(paths.size());
  std::vector<std::string> of_replica = paths;
  std::ranges::copy(replica_paths(), std::back_inserter(of_replica));
  auto replica =
      co_await count_in_turns(context_.replica, std::move(of_replica), of_replica_, replica_apart_);
  if (!replica) co_return replica.error();
  co_await wait_for_others();
  co_await ask_hints(paths.size());
  take_master_turn(paths.size());
  std::ranges::copy(master_paths(), std::back_inserter(paths));
  auto master =
      co_await count_in_turns(context_.master, std::move(paths), of_master_, master_apart_);
  if (!master) co_return master.error();
  tree_->take_counts(of_master_, of_replica_);
  co_return success();
}

// Replicas answer at different speeds. Whoever is through by then asks the master together with the
// others; who is later asks by himself.
Task<void> ReplicaLoop::wait_for_others() {
  if (!shares_master()) co_return;
  const Instant together = round_ + std::min(context_.options.interval / 10, Millis{500});
  const Instant now = context_.clock.now();
  if (together > now) co_await context_.clock.sleep(together - now, context_.stop);
}

// A thousand collections take seconds, in which the active ones are looked after.
ResultTask<void> ReplicaLoop::count_in_turns(kinto::Server& server, std::vector<std::string> paths,
                                             Counts& counted, std::set<std::string>& apart) {
  while (!paths.empty()) {
    const std::size_t many =
        std::min(paths.size(), std::max<std::size_t>(server.batch_max_requests(), 1));
    const auto end = paths.begin() + static_cast<std::ptrdiff_t>(many);
    std::vector<std::string> turn(paths.begin(), end);
    paths.erase(paths.begin(), end);
    auto done = co_await count_more(server, std::move(turn), counted, apart);
    if (!done) co_return done.error();
    co_await glance_where_due();
  }
  co_return success();
}

// Those of `paths` that have not been counted in this round.
ResultTask<void> ReplicaLoop::count_more(kinto::Server& server, std::vector<std::string> paths,
                                         Counts& counted, std::set<std::string>& apart) {
  std::erase_if(paths,
                [&counted](const std::string& path) { return counted.asked.contains(path); });
  if (paths.empty()) co_return success();
  counted.asked.insert(paths.begin(), paths.end());
  auto more = co_await counts(server, std::move(paths), apart);
  if (!more) co_return more.error();
  counted.by_path.merge(more->by_path);
  greeted_ = greeted_ && !more->parted;
  co_return success();
}

void ReplicaLoop::remember_containers() {
  of_containers_ = Counts();
  for (const std::string& path : tree_->endpoints()) {
    const auto count = of_master_.by_path.find(path);
    if (count != of_master_.by_path.end()) of_containers_.by_path.insert(*count);
  }
}

ResultTask<void> ReplicaLoop::list_collections() {
  if (!tree_->wants_list()) co_return success();
  auto found = co_await discover(context_, scope_, told_);
  if (!found) co_return found.error();
  if (!found->ids.empty() || found->refused) {
    told_nothing_ = false;
  } else if (!std::exchange(told_nothing_, true)) {
    tell_nothing_in_scope(context_, *found);
  }
  found_ = std::move(*found);
  tree_->listed(found_);
  co_return success();
}

ResultTask<void> ReplicaLoop::keep_tree() {
  auto done = co_await tree_->before_records();
  if (!done) co_return done.error();
  found_.add(tree_->unlisted());
  take_rewritten();
  for (auto& [id, state] : states_) {
    const bool made = state.checkpoint && context_.traits.lacked.contains(id);
    if (!made) continue;
    if (!checkpoints_.vouches_for(id)) say_withdrawn(state);
    break_chain(id, state, "the replica had lost the collection");
  }
  for (const CollectionId& id : tree_->gone()) {
    auto forgotten = co_await checkpoints_.forget(id);
    if (!forgotten) co_return forgotten.error();
    notice(id, "the master deleted it, and so it is deleted here");
  }
  co_return success();
}

// What this process has compared, and nothing tells that it is lost since, a number that could be
// held against none yet neither: who is let in then misses nothing of what was there before. (A
// checkpoint alone may be of a collection that somebody deleted, and that was made anew.) What
// waits for an operator's leave is not below that.
TreePass::Loaded ReplicaLoop::is_loaded() {
  return [this](const CollectionId& id) {
    const auto found = states_.find(id);
    if (found == states_.end() || !found->second.checkpoint) return false;
    const CollectionState& state = found->second;
    const bool compared = is_proven(state.chain) || state.brake;
    return state.failures == 0 && !state.hidden && compared && holds_its_number(state);
  };
}

// Also where none has changed: a collection may be listed now that was not when they were read.
void ReplicaLoop::adopt_checkpoints() {
  for (auto& [id, state] : states_) {
    const Checkpoint* const stored = checkpoints_.find(id);
    if (adopt(state, stored, context_.clock.now(), context_.options.overlap)) {
      notice(id, "the replica lost its checkpoint; everything is compared anew");
    }
  }
}

ResultTask<void> ReplicaLoop::probe() {
  auto asked = co_await probe_replica();
  if (!asked) co_return asked.error();
  auto of_master = co_await probe_master();
  if (!of_master) co_return of_master.error();
  for (auto& [id, state] : states_) {
    const auto answered = hold_against_brake(state, context_.clock.now());
    if (answered) notice(id, *answered + "; everything is compared anew");
  }
  co_return success();
}

ResultTask<void> ReplicaLoop::probe_replica() {
  std::vector<std::string> paths = replica_paths();
  auto counted =
      co_await count_more(context_.replica, std::move(paths), of_replica_, replica_apart_);
  if (!counted) co_return counted.error();
  for (auto& [id, state] : states_) {
    if (!state.checkpoint || !of_replica_.asked.contains(kinto::records_path(id))) continue;
    const kinto::Count* const count = find(of_replica_, id);
    const auto broken =
        count == nullptr ? miss_replica_count(state) : take_replica_count(state, count->live);
    if (broken) break_chain(id, state, *broken);
  }
  co_return success();
}

// Those that are read anyway too: what is read then is held against the count.
ResultTask<void> ReplicaLoop::probe_master() {
  const Instant begin = round_;
  std::vector<std::string> paths = master_paths();
  auto counted = co_await count_more(context_.master, std::move(paths), of_master_, master_apart_);
  if (!counted) co_return counted.error();
  for (auto& [id, state] : states_) {
    if (state.checkpoint && !of_master_.asked.contains(kinto::records_path(id))) continue;
    forget_round(state);
    if (!state.checkpoint) continue;
    const kinto::Count* const count = find(of_master_, id);
    state.master_told = count != nullptr;
    take_master_count(state, count);
    hold_against_hint(id, state);
  }
  auto looked = co_await look_at_overlaps();
  if (!looked) co_return looked.error();
  for (auto& [id, state] : states_) {
    if (!state.checkpoint) continue;
    const auto contradiction = hold_against_master(state, begin);
    if (contradiction) break_chain(id, state, *contradiction);
  }
  co_return success();
}

// For all collections together, where they are not polled anyway.
ResultTask<void> ReplicaLoop::look_at_overlaps() {
  std::vector<std::pair<CollectionId, Stamp>> since;
  for (const auto& [id, state] : states_) {
    if (wants_overlap(state)) since.emplace_back(id, state.checkpoint->cursor);
  }
  auto lists = co_await recent(context_.master, std::move(since), overlaps_apart_);
  if (!lists) co_return lists.error();
  for (const auto& [id, page] : *lists) take_overlap(states_[id], page);
  co_return success();
}

}  // namespace kinto_mirror::sync
