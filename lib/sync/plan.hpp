#pragma once
// What must be written to the replica for one change of the master. Pure.

#include "base/types.hpp"

#include <optional>
#include <string>

namespace kinto_mirror::sync {

// A record or tombstone as the master has it.
struct Change {
  std::string id;
  Stamp stamp;
  bool tombstone = false;
};

// What the replica holds under the same id.
struct Known {
  Stamp stamp;
  bool tombstone = false;

  bool operator==(const Known&) const = default;
};

enum class Action {
  none,      // the replica already says the same
  create,    // If-None-Match: *
  update,    // If-Match: the stamp that the replica holds
  remove,    // a DELETE, If-Match likewise
  recreate,  // DELETE and PUT in one batch: a PUT cannot lower a stamp (hazard 10)
  recheck,   // the replica is ahead of what we know: ask the master again before touching it
};

// How sure we are that `change` is what the master says now.
enum class Knowledge {
  listed,     // read some time ago, and others may have replicated something newer since
  confirmed,  // asked just now because the replica was ahead: the replica's stamp is a drift
};

// `replica` is nothing when it holds neither record nor tombstone.
// A replica that is ahead of a listed change gives `recheck`, never an overwrite nor a record in
// the place of a newer tombstone: another daemon may have brought it what the master wrote
// meanwhile (hazards 9 and 42).
Action plan(const Change& change, const std::optional<Known>& replica,
            Knowledge knowledge = Knowledge::listed) noexcept;

}  // namespace kinto_mirror::sync
