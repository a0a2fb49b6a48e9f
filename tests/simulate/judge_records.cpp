// What may become of a replica's records.

#include "judge.hpp"
#include "sync/decide/brake.hpp"
#include "sync/write/closing_mark.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

void Judge::compare(Site& site, const CollectionId& id, const Contents& before,
                    const Contents& after, Run run, bool with_container) {
  // What a cache tells, with nothing to show how old it is, may be written.
  constexpr Millis a_pass{60'000};
  const Millis unseen = scenario_.unseen_age();
  const Instant recently = unseen > Millis{0} ? timeline_.now() - unseen - a_pass : Instant::max();
  const auto same = [](Held one, Held other) {
    return one.stamp == other.stamp && one.deleted == other.deleted;
  };
  for (const auto& [record, now] : after) {
    const auto then = before.find(record);
    if (then != before.end() && same(then->second, now)) continue;
    ++changes_;
    written_[{site.name(), id}][run] = timeline_.now();
    auto& held = held_[{{site.name(), id}, record}];
    held.insert({now.stamp, now.body});
    if (then == before.end()) continue;
    if (!then->second.deleted && now.deleted && with_container) {
      vanished_with_container(site, id, record, then->second);
    } else if (!then->second.deleted && now.deleted) {
      vanished(site, id, record, then->second, run);
    }
    // A version that both the master and the replica have left behind. No precondition of Kinto's
    // covers a tombstone, so a create that comes late may stand on one until the next audit.
    // Nor can a guard tell two versions of one stamp: a request that is delivered twice may meet
    // the master's version at the stamp to which the replica had once pushed this one.
    const bool was_here = held.contains({then->second.stamp, now.body});
    if (!then->second.deleted && !was_here &&
        history_.goes_back(id, record, then->second, now, recently)) {
      fail("P9", site.name() + " " + id.str() + "/" + record + " goes back from @" +
                     std::to_string(then->second.stamp) + " to @" + std::to_string(now.stamp));
    }
  }
  for (const auto& [record, then] : before) {
    if (after.contains(record)) continue;
    if (!with_container) fail("P3", id.str() + "/" + record + " left no tombstone");
    written_[{site.name(), id}][run] = timeline_.now();
    if (!then.deleted) vanished_with_container(site, id, record, then);
  }
}

// P3, P9: by the master's tombstone of the collection, and nothing that came behind it.
void Judge::vanished_with_container(const Site& site, const CollectionId& id,
                                    const std::string& record, Held before) {
  const std::string what = site.name() + " " + id.str() + "/" + record + "@" +
                           std::to_string(before.stamp) + " went with its collection";
  if (!containers_.was_deleted(path_of(id)))
    return fail("P3", what + ", which the master never deleted");
  const auto since = history_.first_had(id, record, before.stamp);
  if (scenario_.unseen_age() == Millis{0} && since &&
      *since >= history_.containers().came_back(path_of(id))) {
    fail("P9", what + ", though the master has had it only since then");
  }
}

// P3: what is deleted was deleted on the master, or is an extra under the brake.
void Judge::vanished(Site& site, const CollectionId& id, const std::string& record, Held before,
                     Run run) {
  const Instant lately = this->lately();
  // A tombstone is no doubt, though the record may have been created anew since it was read.
  if (history_.was_deleted(id, record, lately)) return;
  // To lower its stamp takes a DELETE and a PUT, which cannot share a batch.
  if (record.starts_with("batch")) return;
  if (record == sync::closing_mark_id) return;  // their own
  if (lost_its_right(site, id, run)) return;
  if (went_with_former_life(id, record, before)) return;
  const std::string what = site.name() + " " + id.str() + "/" + record + "@" +
                           std::to_string(before.stamp) + " was deleted";
  if (!may_remove(lately)) {
    fail("P3", what + " although the master never did");
    return;
  }
  if (!history_.was_absent(id, record, lately)) {
    fail("P3", what + " although the master has it");
  }
  lacking(site, id, record);
}

// The master's history has told that the collection was deleted, and the record is of before; what
// the master has again is another matter.
bool Judge::went_with_former_life(const CollectionId& id, const std::string& record,
                                  Held before) const {
  const auto deleted = history_.containers().newest_deletion(path_of(id));
  return scenario_.master.kinto.history && deleted && before.stamp <= *deleted &&
         history_.was_absent(id, record, lately());
}

// Its last question was answered with yes, and then the right to create records was taken: nobody
// could know that before the DELETE and PUT that followed soon.
bool Judge::lost_its_right(const Site& site, const CollectionId& id, Run run) const {
  const auto asked = asked_.find({{site.name(), id}, run});
  const auto taken = rights_taken_.find(site.name());
  if (asked == asked_.end() || taken == rights_taken_.end()) return false;
  constexpr Millis soon{5'000};
  return taken->second >= asked->second && timeline_.now() - asked->second <= soon;
}

bool Judge::may_remove(Instant lately) const {
  return scenario_.sync.extras == sync::Extras::remove ||
         (removed_until_ && *removed_until_ >= lately);
}

void Judge::lacking(Site& site, const CollectionId& id, const std::string& record) {
  const sync::MaxDelete& max = scenario_.sync.max_delete;
  if (max.percent && max.value >= 100) return;
  const auto empty = history_.empty_since(id);
  constexpr Millis a_pass{200'000};
  if (empty && *empty < timeline_.now() - a_pass) {
    fail("P3", "the master is empty, and " + site.name() + " " + id.str() + "/" + record +
                   " was deleted without leave");
  }
  const std::int64_t made = ++lack_deletes_[{site.name(), id}];
  std::int64_t live = made;
  for (const auto& [name, held] : site.contents(id)) live += held.deleted ? 0 : 1;
  if (made > scenario_.daemons * sync::allowed_deletes(max, live)) {
    fail("P3", std::to_string(made) + " deletes for lack of a counterpart in one pass");
  }
}

}  // namespace kinto_mirror::simulate
