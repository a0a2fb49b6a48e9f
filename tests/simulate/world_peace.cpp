// The peace behind it, in which everything becomes equal and comes to rest.
#include "world_state.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace kinto_mirror::simulate {

namespace {

// The longest that a request of before the peace may still be under way.
constexpr Millis stragglers{155'000};
// Extras that one audit can hold, and so remove: `max_pending`, as mutants.py sets it.
constexpr std::int64_t held_extras = 15;

}  // namespace

void World::converge() {
  if (judge_.failure()) return;
  at_peace_ = true;
  network_.set_faults({}, 0);
  network_.take_caches_away();
  people_.make_peace();
  if (scenario_.sync.collections.size() < scenario_.collections.size() &&
      scenario_.sync.collections.front() != "b/*") {
    sync::Options all = scenario_.sync;
    all.collections = {"b/*"};
    change_options(all);
  }
  for (std::size_t i = 0; i < daemons_.size(); ++i) {
    Daemon& daemon = *daemons_[i];
    daemon.dies_after = 0;
    if (scenario_.shards > 0) become(daemon, share_of(i));
    if (!daemon.process) start(daemon);
  }
  // A record beside a taken stamp may move to it only after the one that took it has moved.
  std::int64_t audits = scenario_.odd_stamps ? 2 : 1;
  const bool extras_go =
      scenario_.sync.extras == sync::Extras::remove || scenario_.master.kinto.history;
  if (extras_go) audits += most_extras() / held_extras;
  if (scenario_.follow_alone) audits = 0;
  const Instant end = timeline_.now() + stragglers + audits * scenario_.sync.audit_interval + slack;
  settle();
  run_until(end);
  // Where several audits are needed, each may take longer than their interval.
  const Millis longer = judge_.longest_audit() - scenario_.sync.audit_interval;
  if (extras_go && audits > 1 && longer > Millis{0}) {
    run_until(end + audits * longer);
  }
  for_each_pair([this](Site& replica, const CollectionId& id) {
    if (!master_.shows(id)) return;
    Gaps gaps = gaps_between(master_, replica, id, history_);
    const bool told = scenario_.follow_alone && !judge_.is_said_in_sync(replica, id);
    if (told || judge_.waits_for_operator(replica, id)) gaps.extras.clear();
    if (may_stand_beside() || scenario_.follow_alone) gaps.beside.clear();
    if (!gaps.none(scenario_.sync.extras)) {
      judge_.fail("P1", replica.name() + " " + id.str() + " has not become equal: " + gaps.str());
    }
    if (scenario_.history_tells_all()) judge_.look_for_former_life(replica, id, gaps.extras);
  });
  for (const auto& replica : replicas_) {
    const auto left = judge_.containers().gaps(*replica);
    if (!left.empty())
      judge_.fail("P1", replica->name() + " has not become equal: " + left.front());
  }
  if (!scenario_.readers_are_safe()) return;
  read();
  for (const Reader& reader : readers_) verdict_.readers += is_judged(reader) ? 1 : 0;
}

std::int64_t World::most_extras() {
  std::int64_t most = 0;
  for_each_pair([&](Site& replica, const CollectionId& id) {
    most = std::max(most, std::ssize(gaps_between(master_, replica, id, history_).extras));
  });
  return most;
}

void World::settle() {
  if (!scenario_.polls_find_all()) return;
  run_until(timeline_.now() + 3 * scenario_.sync.interval + scenario_.sync.overlap + slack);
  for_each_pair([this](Site& replica, const CollectionId& id) {
    if (!judge_.is_said_in_sync(replica, id) || !master_.shows(id)) return;
    Gaps gaps = gaps_between(master_, replica, id, history_);
    gaps.beside.clear();  // what only an audit moves nearer
    if (gaps.none(scenario_.sync.extras) && gaps.impossible.empty()) return;
    judge_.fail("P8",
                replica.name() + " " + id.str() + " is still said to be in sync: " + gaps.str());
  });
}

bool World::may_stand_beside() const {
  return scenario_.odd_stamps || scenario_.meddling;
}

void World::let_audits_end() {
  constexpr int most = 50;
  const auto stand_beside = [this] {
    bool some = false;
    for_each_pair([&](Site& replica, const CollectionId& id) {
      some = some ||
             (master_.shows(id) && !gaps_between(master_, replica, id, history_).beside.empty());
    });
    return some;
  };
  for (int audits = 0; audits < most && stand_beside() && !judge_.failure(); ++audits) {
    run_until(timeline_.now() + scenario_.sync.audit_interval + slack);
  }
}

void World::rest() {
  if (may_stand_beside() && !scenario_.follow_alone) let_audits_end();
  if (judge_.failure()) return;
  const std::int64_t changes = judge_.changes();
  const std::int64_t requests = network_.requests();
  const Millis time = std::min(scenario_.sync.audit_interval, Millis{300'000}) + slack;
  run_until(timeline_.now() + time);
  if (judge_.changes() != changes) {
    judge_.fail("P5",
                std::to_string(judge_.changes() - changes) + " writes while nothing happened");
  }
  const std::int64_t rounds = time / scenario_.sync.interval + 1;
  const std::int64_t allowed = allowed_at_rest(scenario_, rounds, most_objects());
  if (network_.requests() - requests > allowed) {
    judge_.fail("P7", std::to_string(network_.requests() - requests) + " requests in " +
                          std::to_string(rounds) + " rounds at rest");
  }
}

std::int64_t World::most_objects() {
  std::int64_t most = 0;
  for_each_pair([&](Site& replica, const CollectionId& id) {
    for (const Site* const site : {&master_, &replica}) {
      const model::Shelf* const shelf = site->shelf(id);
      if (shelf != nullptr) most = std::max(most, std::ssize(shelf->objects));
    }
  });
  return most;
}

Millis World::of_an_audit() {
  return 4 * (most_objects() / 3 + 1) * 2 * scenario_.latency;
}

void World::hear_a_last_word() {
  if (judge_.failure() || !scenario_.polls_find_all()) return;
  people_.update_one_of_each();
  constexpr Millis to_write{60'000};
  run_until(timeline_.now() + 2 * scenario_.sync.interval + std::max(to_write, of_an_audit()));
  for_each_pair([this](Site& replica, const CollectionId& id) {
    if (!master_.shows(id)) return;
    Gaps gaps = gaps_between(master_, replica, id, history_);
    gaps.extras.clear();
    // What stood in a record's way may have gone with a poll, which looks at nothing that has not
    // changed: the next audit does.
    gaps.beside.clear();
    if (gaps.none(scenario_.sync.extras)) return;
    judge_.fail("P1", replica.name() + " " + id.str() + " lacks the last change: " + gaps.str());
  });
}

}  // namespace kinto_mirror::simulate
