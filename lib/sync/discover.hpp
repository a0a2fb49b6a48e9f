#pragma once
// Which collections there are, of those in scope.

#include "kinto/server.hpp"
#include "sync/scope.hpp"

#include <vector>

namespace kinto_mirror::sync {

// Sorted. Collections named without a wildcard are among them whether or not they exist. A bucket
// whose collections this user may not list contributes nothing; where nothing at all is left, that
// is the error. One that is spelled out stands as "bucket/*", so that it is reported as missing.
ResultTask<std::vector<CollectionId>> discover(kinto::Server& server, const Scope& scope);

}  // namespace kinto_mirror::sync
