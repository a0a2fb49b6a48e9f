// What an operator orders of a replica's loop.

#include "sync/run/replica_loop.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

void ReplicaLoop::wake() {
  woken_ = true;
  if (nap_ != nullptr) nap_->request();
}

ReplicaLoop::Meant ReplicaLoop::matching(const Scope& which) const {
  Meant meant;
  for (const auto* known : {&states_, &unlisted_}) {
    for (const auto& [id, state] : *known) {
      if (which.matches(id)) meant.insert(id);
    }
  }
  return meant;
}

// By the next round: a pass under way may have read already what the order is about, and what the
// master has since it was listed last is meant too.
ReplicaLoop::Meant ReplicaLoop::audit(const std::vector<std::string>& patterns) {
  constexpr std::size_t most = 100;
  for (const std::string& pattern : patterns) {
    if (std::ranges::find(orders_, pattern) == orders_.end()) orders_.push_back(pattern);
  }
  if (orders_.size() > most) orders_ = {"*/*"};
  wake();
  return matching(Scope(patterns));
}

// An order stands until a round has come as far as carry_out_orders().
void ReplicaLoop::take_orders() {
  for (std::string& pattern : std::exchange(orders_, {}))
    begun_orders_.push_back(std::move(pattern));
  if (!begun_orders_.empty()) tree_->compare(Scope(begun_orders_));
}

void ReplicaLoop::carry_out_orders() {
  if (begun_orders_.empty()) return;
  const std::vector<std::string> orders = std::exchange(begun_orders_, {});
  const Scope which(orders);
  for (auto* known : {&states_, &unlisted_}) {
    for (auto& [id, state] : *known) {
      if (!which.matches(id)) continue;
      step(state, ChainEvent::asked);
      state.not_before = context_.clock.now();
    }
  }
}

Result<ReplicaLoop::Meant> ReplicaLoop::pause(const std::vector<std::string>& patterns) {
  auto said = context_.traits.pauses.pause(patterns);
  if (!said) return said.error();
  mark_paused();
  return matching(Scope(patterns));
}

Result<ReplicaLoop::Meant> ReplicaLoop::resume(const std::vector<std::string>& patterns) {
  const Scope which(patterns);
  Meant meant = matching(which);
  // What the master deleted meanwhile is still on the replica.
  for (const CollectionId& id : deleted_) {
    if (which.matches(id) && context_.traits.pauses.holds(id)) meant.insert(id);
  }
  auto said = context_.traits.pauses.resume(patterns);
  if (!said) return said.error();
  mark_paused();
  wake();
  return meant;
}

void ReplicaLoop::mark_paused() {
  for (auto* known : {&states_, &unlisted_}) {
    for (auto& [id, state] : *known) state.paused = context_.traits.pauses.holds(id);
  }
}

ReplicaLoop::Meant ReplicaLoop::release(const CollectionId& id) {
  const auto known = states_.find(id);
  if (known == states_.end() || !known->second.brake) return {};
  context_.traits.released[id] = known->second.brake->would_delete;
  return audit({id.str()});
}

void ReplicaLoop::take(Options options) {
  wanted_ = std::move(options);
  wake();
}

// Between two rounds nobody looks at them.
void ReplicaLoop::change_options() {
  if (!wanted_) return;
  const bool same_scope = options_.collections == wanted_->collections;
  options_ = std::move(*wanted_);
  wanted_.reset();
  const Instant latest = context_.clock.now() + options_.audit_interval;
  for (auto& [id, state] : states_) state.audit_at = std::min(state.audit_at, latest);
  if (same_scope) return;
  scope_ = Scope(options_.collections, options_.shard);
  // As after a start: what stands of the containers is compared, and listed before.
  tree_ = std::make_unique<TreeKeeper>(context_, scope_, checkpoints_);
  told_nothing_ = false;
  told_ = ToldOfScope();
  const auto out = [this](const auto& one) { return !scope_.contains(one.first); };
  std::erase_if(states_, out);
  std::erase_if(unlisted_, out);
}

ReplicaLoop::Meant ReplicaLoop::visits(const Scope& which) const {
  Meant meant;
  for (const CollectionId& id : visiting_) {
    if (which.matches(id)) meant.insert(id);
  }
  return meant;
}

}  // namespace kinto_mirror::sync
