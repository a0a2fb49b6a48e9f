#pragma once
// A pass over the newest changes of a collection.

#include "sync/decide/collection_state.hpp"
#include "sync/decide/pass_end.hpp"
#include "sync/pass_context.hpp"

#include <functional>

namespace kinto_mirror::sync {

// Asked once, behind the first list and before anything is written: false leaves all to a later
// pass.
using MayWrite = std::function<Task<bool>()>;

// Reads the master's changes since the checkpoint's cursor and applies those that the replica does
// not have. Brings `state`'s memory and quarantine up to date, not its checkpoint.
// REQUIRES: state.checkpoint; `context` and `state` outlive the coroutine.
Task<FollowResult> follow(const PassContext& context, CollectionId id, CollectionState& state,
                          MayWrite may_write = {});

}  // namespace kinto_mirror::sync
