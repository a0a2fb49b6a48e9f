// A last single run, which says "in sync" when it is so, and only then (P8).
#include "world_state.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>

namespace kinto_mirror::simulate {

void World::say_so() {
  if (judge_.failure()) return;
  Daemon& daemon = *daemons_.front();
  daemon.ear.now_hears(++last_run_);
  once_ = std::make_unique<Process>(around_, last_run_, Process::Command::once,
                                    daemon.clock_wrong_by, daemon.ear);
  // PostgreSQL answers 503 with a Retry-After of seconds to a batch with a record that it cannot
  // hold, until halving has found it. Each pass finds one, and walks the whole, some objects a
  // page; the last one finds none.
  constexpr Millis to_find_one{25'000};
  const Millis to_walk = std::max(of_an_audit(), most_objects() * Millis{60});
  Millis to_find_all = to_walk;
  for_each_pair([&](Site& replica, const CollectionId& id) {
    const std::int64_t impossible =
        std::ssize(gaps_between(master_, replica, id, history_).impossible);
    to_find_all += impossible * (to_find_one + to_walk);
  });
  run_until(timeline_.now() + Millis{120'000} + to_find_all);
  if (judge_.failure()) return;
  if (!once_->ended()) return judge_.fail("P7", "run --once does not end");
  bool equal = true;
  bool compared = false;
  for_each_pair([&](Site& replica, const CollectionId& id) {
    Gaps gaps = gaps_between(master_, replica, id, history_);
    if (may_stand_beside()) gaps.beside.clear();
    compared = compared || master_.store().live({"", "bucket"}, id.bucket) != nullptr;
    // What the master does not list is not compared, unless it is named. What it deleted is gone.
    const bool named = scenario_.sync.collections.front() != "b/*";
    if (!master_.shows(id) && (!named || judge_.containers().is_deleted(path_of(id)))) {
      equal = equal && (scenario_.sync.extras == sync::Extras::keep || !replica.shows(id));
      return;
    }
    equal =
        equal && master_.shows(id) && gaps.none(scenario_.sync.extras) && gaps.impossible.empty();
  });
  equal = equal && compared;
  // A bucket that is named, be it with `/*`, is looked for.
  for (const CollectionId& id : scenario_.collections) {
    const bool there = master_.store().live({"", "bucket"}, id.bucket) != nullptr;
    equal = equal && (there || judge_.containers().is_deleted("/buckets/" + id.bucket));
  }
  for (const auto& replica : replicas_) {
    equal =
        equal && judge_.containers().gaps(*replica).empty() &&
        !judge_.containers().has_unknown(*replica) &&
        !judge_.containers().has_undeleted(*replica) &&
        (scenario_.sync.extras == sync::Extras::keep || !judge_.containers().has_extra(*replica));
  }
  if (once_->report().in_sync() != equal) {
    judge_.fail("P8", std::string("run --once says ") + (equal ? "not " : "") +
                          "in sync: " + differences(once_->report()));
  }
}

std::string World::differences(const sync::RunReport& report) {
  std::string out;
  for (const sync::ReplicaReport& one : report.replicas) {
    out += one.name + (one.error ? " " + one.error->message : "");
    for (const auto& container : one.containers.differences) {
      out += "; " + container.id + " " + std::string(to_string(container.kind));
    }
    for (const auto& collection : one.collections) {
      out += "; " + collection.id.str() + " " + std::string(to_string(collection.state));
    }
    out += "; ";
  }
  return out;
}

}  // namespace kinto_mirror::simulate
