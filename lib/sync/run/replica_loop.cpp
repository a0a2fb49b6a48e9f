#include "sync/run/replica_loop.hpp"

#include "sync/decide/visits.hpp"
#include "sync/run/side_by_side.hpp"
#include "sync/run/single_run.hpp"
#include "sync/write/identity.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kinto_mirror::sync {

ReplicaLoop::ReplicaLoop(const PassContext& context, CheckpointStore& checkpoints)
    : options_(context.options),
      context_{context.master, context.replica,    options_,         context.clock,
               context.stop,   context.background, context.observer, context.traits},
      checkpoints_(checkpoints),
      scope_(options_.collections, options_.shard),
      tree_(std::make_unique<TreeKeeper>(context_, scope_, checkpoints_)),
      begun_(context.clock.now()) {}

Task<void> ReplicaLoop::run() {
  const std::string& name = context_.replica.config().name;
  int failures = 0;
  bool told = false;
  while (!context_.stop.requested()) {
    const Instant begin = round_ = context_.clock.now();
    auto done = co_await round();
    if (context_.stop.requested()) break;
    looked_ = begin;
    failed_ = done ? std::nullopt : std::optional(done.error());
    Millis wait = context_.options.interval;
    if (done && unread_) {
      // The others are followed at their interval.
      told = false;
      failures = 0;
      context_.observer.round_failed(name, *unread_, wait);
    } else if (done) {
      // A round that has only put off what failed before proves nothing.
      if (!told && !waits_for_lost()) {
        told = true;
        context_.observer.round_worked(name, states_.size());
      }
      failures = 0;
    } else {
      told = false;
      greeted_ = false;
      wait = wait_after(++failures, context_.options.interval);
      context_.observer.round_failed(name, done.error(), wait);
    }
    glances_ = done.has_value();
    const Instant due = done && shares_master() ? next_beat(begin, wait) : begin + wait;
    next_ = std::max(context_.clock.now(), due);
    co_await rest();
  }
}

Standing ReplicaLoop::standing() const {
  Standing standing;
  standing.replica = context_.replica.config().name;
  standing.begun = begun_;
  standing.looked = looked_;
  standing.failed = failed_ ? &*failed_ : nullptr;
  standing.round = round_;
  standing.listed_at = listed_at_;
  standing.next = next_;
  standing.listed = &states_;
  standing.unlisted = &unlisted_;
  standing.buckets = &tree_->standings();
  standing.list_doubt = list_doubt_;
  standing.list_refused = list_refused_;
  standing.elsewhere = found_.others.size();
  return standing;
}

bool ReplicaLoop::shares_master() const noexcept {
  return context_.master.config().linger > Millis{0};
}

bool ReplicaLoop::waits_for_lost() const {
  return std::ranges::any_of(states_, [](const auto& known) { return known.second.lost; });
}

Task<bool> ReplicaLoop::nap(Millis wait) {
  Stop ends;
  const Stop::Subscription with_all(context_.stop, [&ends] { ends.request(); });
  // One wish ends one wait: the round that it leads to may fail.
  if (context_.stop.requested() || std::exchange(woken_, false)) co_return true;
  nap_ = &ends;
  co_await context_.clock.sleep(wait, ends);
  nap_ = nullptr;
  co_return std::exchange(woken_, false);
}

ResultTask<void> ReplicaLoop::round() {
  change_options();
  take_orders();
  auto met = co_await meet_servers();
  if (!met) co_return met.error();
  auto counted = co_await count_ahead();
  if (!counted) co_return counted.error();
  auto listed = co_await list_collections();
  if (!listed) co_return listed.error();
  auto read = co_await checkpoints_.read();
  if (!read) co_return read.error();
  keeps_tree_ = true;
  auto kept = co_await keep_tree();
  keeps_tree_ = false;
  if (!kept) co_return kept.error();
  remember_containers();
  take_stock(found_);
  listed_at_ = round_;
  list_doubt_ = found_.refused ? found_.refused->message : found_.stored;
  list_refused_ = found_.refused && is_hidden(found_.refused->code);
  mark_paused();
  adopt_checkpoints();
  carry_out_orders();
  auto probed = co_await probe();
  if (!probed) co_return probed.error();
  server_lost_.reset();
  co_await visit_all();
  if (server_lost_) co_return *server_lost_;
  // What other shards have loaded meanwhile, or lost.
  if (tree_->looked() && !context_.options.shard.is_all()) {
    auto heard = co_await checkpoints_.read();
    if (!heard) co_return heard.error();
  }
  TreePass::Loaded loaded = is_loaded();
  keeps_tree_ = true;
  auto granted = co_await tree_->behind_records(std::move(loaded));
  keeps_tree_ = false;
  if (!granted) co_return granted.error();
  unread_ = found_.refused;
  co_return success();
}

// Once, and again after a round that failed.
ResultTask<void> ReplicaLoop::meet_servers() {
  if (greeted_) co_return success();
  auto greeted = co_await greet(context_);
  if (!greeted) co_return greeted.error();
  const auto apart = co_await tell_apart(context_, std::move(*greeted));
  if (!apart) {
    refusal_ = apart.error();
    context_.stop.request();
    co_return apart.error();
  }
  greeted_ = true;
  co_return success();
}

// What is compared because its time has come may take half of the interval, and never less than one
// collection a round, so that a start over a thousand collections keeps neither servers nor changes
// waiting.
Task<void> ReplicaLoop::visit_due() {
  SideBySide visits(context_.background.executor(), context_.options.parallel);
  const Instant spent = context_.clock.now() + context_.options.interval / 2;
  bool some = false;
  for (Visit& one : due_visits(states_, context_.clock.now())) {
    if (one.why == Why::routine) {
      co_await visits.join();
      const Instant now = context_.clock.now();
      if (std::exchange(some, true) && now >= spent) {
        if (!follows(states_[one.id], now)) continue;
        one.why = Why::changes;
      }
    }
    co_await visits.wait_for_place(one.size);
    if (server_lost_ || context_.stop.requested()) break;
    // A look beside this round is faster; what else is due stays so.
    if (visiting_.contains(one.id)) continue;
    visits.spawn(one.size, visit(one.id, one.why == Why::changes ? Pass::follow : Pass::audit));
  }
  co_await visits.join();
}

Task<void> ReplicaLoop::visit_all() {
  visited_ = Stop();
  TaskGroup glances(context_.background.executor());
  glances.spawn(glance_until_visited());
  co_await visit_due();
  visited_.request();
  co_await glances.join();
}

// What is known of a collection that the master does not list any more is kept: it may be listed
// again, and what it had before tells then whether it was flushed.
void ReplicaLoop::take_stock(const Discovered& found) {
  for (auto known = states_.begin(); known != states_.end();) {
    const auto next = std::next(known);
    // What an old list does not name, or one that could not be read, may be there all the same.
    const bool is_told = found.stored.empty() && !found.unread.contains(known->first.bucket);
    if (tree_->is_deleted(known->first)) {
      deleted_.insert(known->first);
      known = states_.erase(known);
      continue;
    }
    if (is_told && !std::ranges::binary_search(found.ids, known->first)) {
      if (!known->second.hidden) {
        notice(known->first,
               "the master does not list it any more; nothing of it is deleted, and "
               "it is followed again when the master lists it");
      }
      known->second.remembered.clear();
      unlisted_.insert(states_.extract(known));
    }
    known = next;
  }
  std::erase_if(unlisted_, [this](const auto& one) { return tree_->is_deleted(one.first); });
  for (const CollectionId& id : found.ids) {
    if (tree_->is_deleted(id)) continue;
    auto back = unlisted_.extract(id);
    if (back.empty()) {
      const auto placed = states_.try_emplace(id).first;
      if (deleted_.erase(id) == 0 || !checkpoints_.knows(id)) continue;
      // What is stored of it is of before.
      break_chain(id, placed->second, "the master has it again");
      continue;
    }
    const auto placed = states_.insert(std::move(back)).position;
    placed->second.hidden = false;
    break_chain(id, placed->second, "the master lists it again");
  }
}

// Its metadata were written, or it was deleted and made anew between two looks, which is told
// alike: a backup brings back ETag and stamps, and may have as many records, and others.
void ReplicaLoop::take_rewritten() {
  for (const auto& [id, stamp] : tree_->written()) {
    const auto state = states_.find(id);
    if (state == states_.end()) continue;
    const std::optional<Stamp> before = std::exchange(state->second.written, stamp);
    if (before && *before != stamp) step(state->second, ChainEvent::asked);
  }
}

void ReplicaLoop::break_chain(const CollectionId& id, CollectionState& state,
                              const std::string& what) {
  // Told once, however often the comparison must be tried.
  if (!comes_first(state.chain)) notice(id, what + "; everything is compared anew");
  step(state, ChainEvent::broke);
  state.not_before = std::min(state.not_before, context_.clock.now());
}

Task<void> ReplicaLoop::visit(CollectionId id, Pass pass) {
  CollectionState& state = states_[id];
  visiting_.insert(id);
  // Two statements: g++ 12 frees the result of `c ? co_await a : co_await b` twice.
  Result<void> done = success();
  if (pass == Pass::audit) {
    done = co_await run_audit(id, state);
  } else {
    done = co_await run_follow(id, state);
  }
  visiting_.erase(id);
  state.master_told = false;
  if (pass == Pass::glance) forget_counts(id);
  if (done) {
    visit_worked(state);
    co_return;
  }
  const Errc code = done.error().code;
  visit_failed(state, pass == Pass::audit, code, context_.clock.now(), context_.options.interval);
  state.lost = concerns_server(code);
  if (state.lost) server_lost_ = done.error();
}

void ReplicaLoop::notice(const CollectionId& id, std::string_view what) const {
  context_.observer.notice(context_.replica.config().name, id, what);
}

}  // namespace kinto_mirror::sync
