// What the daemons tell, and whether it is so.

#include "judge.hpp"
#include "kinto/server.hpp"
#include "sync/decide/scope.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

// P8: "in sync" is said only of what is.
void Judge::pass_done(Run run, const std::string& replica, const sync::CollectionReport& report) {
  const Place place(replica, report.id);
  lack_deletes_.erase(place);
  states_[place] = report.state;
  const bool ended = report.state == sync::State::in_sync ||
                     report.state == sync::State::degraded || report.state == sync::State::brake;
  if (ended) passed_[place] = site_of(replica).made(report.id);
  trace_.add([&] {
    return "run " + std::to_string(run) + ": " + replica + " " + report.id.str() + " " +
           std::string(to_string(report.kind)) + " " + std::string(to_string(report.state)) + " +" +
           std::to_string(report.written.created) + " ~" + std::to_string(report.written.updated) +
           " -" + std::to_string(report.written.deleted) +
           (report.error ? " " + report.error->message : "");
  });
  const bool whole = report.kind != sync::PassKind::follow;
  if (whole) longest_audit_ = std::max(longest_audit_, report.took);
  if (report.state != sync::State::in_sync) return;
  loaded_.insert(place);
  // A create that comes late may stand where the record was deleted since, which only an audit
  // sees.
  const bool may_be_revived = scenario_.daemons > 1 || written_[place].contains(0);
  const bool polls_suffice = scenario_.readers_are_safe() || scenario_.polls_find_all();
  if (!whole && (!polls_suffice || may_be_revived)) return;
  const Instant begin = known_since(timeline_.now() - report.took);
  if (wrote_another(place, run, begin)) return;
  Gaps gaps = gaps_between(master_, site_of(replica), report.id, history_, begin);
  // This pass may have moved what stood in the way, as an earlier poll may have, which looks at
  // nothing that has not changed: the next audit does.
  if (!whole || report.written.all() > 0) gaps.beside.clear();
  if (!gaps.none(scenario_.sync.extras) || !gaps.impossible.empty()) {
    fail("P8", replica + " " + report.id.str() + " is said to be in sync after a pass of kind " +
                   std::string(to_string(report.kind)) + ": " + gaps.str());
  }
}

// It is told when the checkpoint is stored, which takes a while where that must be tried again.
Instant Judge::known_since(Instant begin) const {
  const bool calm = scenario_.fault_percent == 0 && !scenario_.limiter && !scenario_.lock &&
                    scenario_.daemons == 1 && !scenario_.odd_records;
  const Millis storing{calm ? 5'000 : 60'000};
  return begin - storing - scenario_.unseen_age();
}

Site& Judge::site_of(const std::string& replica) const {
  return **std::ranges::find(replicas_, replica, [](const auto& one) { return one->name(); });
}

bool Judge::wrote_another(const Place& place, Run run, Instant since) const {
  const auto known = written_.find(place);
  return known != written_.end() && std::ranges::any_of(known->second, [&](const auto& one) {
           return one.first != run && one.second >= since;
         });
}

bool Judge::was_deleted(const CollectionId& id, Instant since) const {
  const ContainerHistory& containers = history_.containers();
  return containers.was_deleted(kinto::collection_path(id), since) ||
         containers.was_deleted(kinto::bucket_path(id), since);
}

// What the daemon brought before the order may be overwritten by its own late request: that is told
// by other promises. What was there, and what came since, is not asked about.
void Judge::barrier_reached(Run run, Instant since, const std::vector<Place>& places) {
  std::vector<Place> meant = places;
  // What is hidden from the daemon it cannot bring, and what it was not told of it should have
  // asked after, of what it is to follow by now.
  const sync::Scope scope(scenario_.sync.collections);
  if (!scenario_.rights) {
    for (const auto& replica : replicas_) {
      for (const CollectionId& id : scenario_.collections) {
        const bool shown = scope.contains(id) && in_scope(records_of(id)) && master_.shows(id);
        if (shown) meant.emplace_back(replica->name(), id);
      }
    }
  }
  trace_.add([&] {
    return "run " + std::to_string(run) + ": sync is answered, of " +
           std::to_string((timeline_.now() - since).count()) + " ms ago";
  });
  const Instant begin = since - scenario_.unseen_age();
  for (const Place& place : meant) {
    if (scenario_.daemons > 1 || wrote_another(place, run, begin)) continue;
    // It was looked for and deleted on the master; what is in it now came since, even what a
    // deletion has left behind there, to be shown again (hazard 24).
    if (was_deleted(place.second, begin)) continue;
    const Gaps gaps = gaps_between(master_, site_of(place.first), place.second, history_, begin);
    if (gaps.wrong.empty()) continue;
    fail("P8", place.first + " " + place.second.str() +
                   " is said to hold all that the master had " +
                   std::to_string((timeline_.now() - since).count()) + " ms ago: " + gaps.str());
  }
}

void Judge::look_for_former_life(const Site& replica, const CollectionId& id,
                                 const std::vector<std::string>& extras) {
  const auto deleted = master_.deleted_by_history(id);
  if (!deleted) return;
  const Contents held = replica.contents(id);
  for (const std::string& one : extras) {
    if (held.at(one).stamp > *deleted) continue;
    fail("P1", replica.name() + " " + id.str() + "/" + one + "@" +
                   std::to_string(held.at(one).stamp) + " is left of before the deletion @" +
                   std::to_string(*deleted));
  }
}

void Judge::quarantined(const std::string& replica, const CollectionId& id) {
  quarantined_.insert({replica, id});
  if (!may_refuse()) fail("P8", replica + " " + id.str() + " is said to refuse a healthy record");
}

bool Judge::may_refuse() const {
  return scenario_.fault_percent > 0 || scenario_.odd_records || scenario_.odd_stamps ||
         scenario_.rights || scenario_.resets || scenario_.meddling || scenario_.losses;
}

bool Judge::is_said_in_sync(const Site& replica, const CollectionId& id) const {
  const auto state = states_.find({replica.name(), id});
  return state != states_.end() && state->second == sync::State::in_sync;
}

bool Judge::waits_for_operator(const Site& replica, const CollectionId& id) const {
  const auto state = states_.find({replica.name(), id});
  return state != states_.end() &&
         (state->second == sync::State::brake || state->second == sync::State::not_shown);
}

}  // namespace kinto_mirror::simulate
