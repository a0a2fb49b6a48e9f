#pragma once
// A pass over a whole collection: load, audit, repair and check are this one walk.

#include "sync/decide/checkpoint.hpp"
#include "sync/decide/pass_end.hpp"
#include "sync/pass_context.hpp"

namespace kinto_mirror::sync {

// With options.dry_run nothing is written anywhere. `context` outlives the coroutine.
Task<AuditResult> audit(const PassContext& context, CollectionId id, Before before);

}  // namespace kinto_mirror::sync
