#pragma once
// One change on its way to the replica, and what became of it. Pure.

#include "kinto/batch.hpp"
#include "sync/decide/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

struct Write {
  Action action = Action::none;
  Change change;
  // What the replica holds, as far as is known; its stamp guards update, remove and recreate.
  std::optional<Known> replica;
  std::string record;  // the master's bytes; empty for a remove
  // The stamp to store: the master's, or the next free one where the replica cannot hold it twice.
  // Of a record that only the replica has, one for its tombstone; 0: the replica chooses.
  Stamp placed;
  // An update that is to show only whether the replica takes the bytes: `placed` is no stamp to
  // stay at, but the next one to the replica's. Left to itself it would take its present, and a
  // memory backend keep that for its ETag: above changes of the master that are still to come,
  // which readers would miss then. (Where each stamp is held once, the ETag goes down with the
  // record.)
  bool trial = false;
  // Of a recreate: a stamp for the tombstone between, likewise; 0: the replica chooses.
  Stamp erased_at;
  // No tombstone asks for this remove: only the replica has the record.
  bool for_lack = false;
  int sent = 0;          // requests that carried it
  bool suspect = false;  // see Suspects: it shares no request, which it would break for the others
  int failed_alone = 0;  // of those, the ones that carried nothing else and met a failing server
  bool counted = false;  // it was stored already, under another stamp that is being put right
  // The replica has taken these very bytes and holds them now, so a DELETE before the PUT cannot
  // lose the record.
  bool accepted = false;
  // An update met a version that came since the record was looked at: somebody else writes to it,
  // perhaps to repair it as well.
  bool outrun = false;
  // What is in its way was to leave its stamp, and has had a round to do so, or to be refused.
  bool waited = false;
  // Those that the record has on the replica, as it said when it took the bytes: a DELETE would
  // lose them.
  std::string permissions;

  [[nodiscard]] std::size_t bytes() const noexcept {
    return record.size() + permissions.size() + change.id.size() + 512;
  }
  void end_trial() noexcept {
    if (trial) placed = change.stamp;
    trial = false;
  }
  // Of a record that is not there: a stamp that no object has.
  [[nodiscard]] Stamp guard() const noexcept { return replica ? replica->stamp : Stamp{}; }
};

// The one or two requests of a batch that carry it out.
std::vector<kinto::Subrequest> to_subrequests(const Write& write, const CollectionId& collection);

enum class Verdict {
  applied,       // done as asked
  already,       // the replica says the same already: a replay, or another daemon was faster
  replan,        // the replica holds something else: Outcome::replica
  clash,         // 409: the stamp is taken, or somebody created the record at this moment
  refused,       // this record is refused, for good as far as one can tell: quarantine
  turned_away,   // refused in front of the replica, perhaps for what is in the record
  no_right,      // 401, 403: nothing of this collection can be written
  no_container,  // 404 to a PUT: bucket or collection vanished
  read_only,     // 405
  failing,       // 429 or 5xx: the server, or a record that breaks it
};

struct Outcome {
  Verdict verdict = Verdict::failing;
  std::optional<Known>
      replica;  // replan: what the replica holds; nothing: neither record nor tombstone
  int status = 0;
  std::string message;      // the server's own words
  int error_number = 0;     // Kinto's `errno` of a failure
  std::string permissions;  // of what it has stored
};

// The plugin kinto-attachment takes no update that changes the member `attachment` of a record:
// 400, with the errno of what has none of its own. A DELETE and a PUT in one batch pass.
bool refuses_attachment(const Write& write, const Outcome& outcome);

// `answers` are those of to_subrequests(write), in order.
Outcome classify(const Write& write, const std::vector<kinto::Answer>& answers);

}  // namespace kinto_mirror::sync
