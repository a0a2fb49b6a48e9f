// Of which collections a replica's loop asks the servers in a round: of all that something may have
// happened to, and of the others in turns.

#include "sync/decide/look.hpp"
#include "sync/decide/turns.hpp"
#include "sync/run/replica_loop.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

// What the replica lost is looked for in rolling turns. `before`: what is asked anyway.
void ReplicaLoop::take_replica_turn(std::size_t before) {
  take_turns(context_.replica, before, &CollectionState::replica_asked,
             [this](const CollectionId& id) { return wants_replica_count(states_[id]); });
}

// What the master did is told by its counts, and of buckets of which its history says that nothing
// happened there, in rolling turns.
void ReplicaLoop::take_master_turn(std::size_t before) {
  take_turns(context_.master, before, &CollectionState::master_asked,
             [this](const CollectionId& id) { return asks_master(id); });
}

void ReplicaLoop::take_turns(const kinto::Server& server, std::size_t before,
                             Instant CollectionState::*asked,
                             const std::function<bool(const CollectionId&)>& wants) {
  std::vector<std::pair<Instant, CollectionId>> waiting;
  for (auto& [id, state] : states_) {
    if (!state.checkpoint) continue;
    if (wants(id)) {
      state.*asked = round_;
      ++before;
    } else {
      waiting.emplace_back(state.*asked, id);
    }
  }
  const std::size_t batch = std::max<std::size_t>(server.batch_max_requests(), 1);
  const Turn turn{context_.options.interval, round_ - looked_, batch - before % batch};
  const std::size_t many = turn_size(waiting.size(), turn);
  for (const CollectionId& id : take_turn(std::move(waiting), many)) states_[id].*asked = round_;
}

std::vector<std::string> ReplicaLoop::replica_paths() const {
  std::vector<std::string> out;
  for (const auto& [id, state] : states_) {
    const bool wanted = state.replica_asked == round_ || wants_replica_count(state);
    if (state.checkpoint && wanted) out.push_back(kinto::records_path(id));
  }
  return out;
}

std::vector<std::string> ReplicaLoop::master_paths() const {
  std::vector<std::string> out;
  for (const auto& [id, state] : states_) {
    const bool wanted = state.master_asked == round_ || asks_master(id);
    if (state.checkpoint && wanted) out.push_back(kinto::records_path(id));
  }
  return out;
}

// Whether it is asked after though it may not be its turn.
bool ReplicaLoop::asks_master(const CollectionId& id) const {
  const auto hint = hints_.find(id.bucket);
  return hint == hints_.end() || !hint->second.quiet() || wants_master_count(states_.at(id));
}

// Before anything is counted: what happens later is told by the next answers. `before`: as above.
Task<void> ReplicaLoop::ask_hints(std::size_t before) {
  std::map<std::string, Stamp> newest;
  std::size_t collections = 0;
  for (const auto& [id, state] : states_) {
    if (!state.checkpoint) continue;
    ++collections;
    Stamp& known = newest[id.bucket];
    known = std::max(known, state.checkpoint->etag);
  }
  // Where all fit into one request there is nothing to save.
  const std::size_t batch = context_.master.batch_max_requests();
  if (!context_.traits.master_has_history || before + collections <= batch) newest.clear();
  std::erase_if(hints_, [&newest](const auto& one) { return !newest.contains(one.first); });
  while (!newest.empty()) {
    std::vector<std::string> buckets;
    std::vector<std::string> paths;
    std::vector<Stamp> since;
    while (!newest.empty() && buckets.size() < std::max<std::size_t>(batch, 1)) {
      const auto first = newest.extract(newest.begin());
      buckets.push_back(first.key());
      paths.push_back(kinto::bucket_path(CollectionId(first.key(), "c")) + "/history");
      since.push_back(hints_[first.key()].since(first.mapped()));
    }
    const auto answers = co_await context_.master.recent(std::move(paths), std::move(since));
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      const bool answered = answers && (*answers)[i].has_value();
      hints_[buckets[i]].take(answered ? &*(*answers)[i] : nullptr, round_);
    }
  }
  // The next answer says nothing of what this one has told.
  for (auto& [id, state] : states_) {
    const auto hint = hints_.find(id.bucket);
    if (hint == hints_.end() || !hint->second.quiet()) state.master_told = false;
  }
}

// A look at the master found that it moved, though its bucket was quiet.
void ReplicaLoop::hold_against_hint(const CollectionId& id, const CollectionState& state) {
  const auto hint = hints_.find(id.bucket);
  if (hint == hints_.end() || !hint->second.quiet() || !state.probed) return;
  if (state.probed->etag != state.checkpoint->etag) hint->second.owes();
}

}  // namespace kinto_mirror::sync
