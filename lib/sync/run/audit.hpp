#pragma once
// A pass over a whole collection: load, audit, repair and check are this one walk.

#include "sync/decide/checkpoint.hpp"
#include "sync/decide/pass_end.hpp"
#include "sync/pass_context.hpp"

#include <functional>

namespace kinto_mirror::sync {

// Awaited before anything is written to a replica that may lack what it had `before`; an error ends
// the pass.
using BeforeFilling = std::function<ResultTask<void>()>;

// With options.dry_run nothing is written anywhere. `context` outlives the coroutine.
Task<AuditResult> audit(const PassContext& context, CollectionId id, Before before,
                        BeforeFilling fills = {});

}  // namespace kinto_mirror::sync
