#pragma once
// Writes that met another version on the replica than was thought.

#include "sync/write/outcomes.hpp"

#include <optional>
#include <vector>

namespace kinto_mirror::sync {

// What is to be sent again, in ascending order of stamps (but for tombstones below the replica's
// own stamp, which come last): asks the master, whose word of now alone
// tells whether the replica's version is a drift to repair, an older one, or a newer change that
// another daemon has brought. What needs no more is counted in `applied`. `horizon` as in
// Delivery. `context` and `applied` outlive the coroutine.
ResultTask<std::vector<Write>> replan(const PassContext& context, CollectionId collection,
                                      std::optional<Stamp> horizon, Applied& applied,
                                      std::vector<Replan> replans);

}  // namespace kinto_mirror::sync
