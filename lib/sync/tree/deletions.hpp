#pragma once
// Containers that the master deleted: what goes on the replica, and what has to stay.

#include "sync/decide/containers_report.hpp"
#include "sync/decide/scope.hpp"
#include "sync/pass_context.hpp"
#include "sync/tree/tree_reader.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

// A container that is alive on the replica, and of which the master has a tombstone.
struct Deletion {
  ContainerId id;
  Stamp tombstone;           // the master's; of what is in a deleted bucket, that of the bucket
  Stamp present;             // the replica's
  bool with_bucket = false;  // it is the bucket's that proves it
};

// What stands on both servers, as far as a deletion must know.
struct DeletionView {
  const Tree& master;
  const Tree& replica;
  const Containers& replica_buckets;  // all that its user may see
  const Scope& scope;
  // The daemon has replicated it once, so that a newer stamp is a drift, and no other's container.
  std::function<bool(const ContainerId&)> known;
};

// The master's tombstones that ask for something, and are meant to be followed: of groups, of
// collections in scope, and of buckets with all that is in them. In the order in which they can go.
// `extras`: what is newer than the tombstone of its id and was never replicated, so that it is the
// replica's own.
std::vector<Deletion> deletions_due(const DeletionView& view, const Containers& master_buckets,
                                    bool groups, std::vector<ContainerId>& extras);

// Why it must stay whatever the replica says: deleting it would damage a neighbour. Nothing: there
// is none.
ResultTask<std::optional<std::string>> hindrance(const PassContext& context, ContainerId id,
                                                 const DeletionView& view);

// Carries out one. Nothing: it is gone. Else why it is still there, for the report: a neighbour
// would be damaged, something in it is to stay, the master has it again, or it was refused.
// Errors: of a server.
ResultTask<std::optional<std::string>> carry_out(const PassContext& context, Deletion deletion,
                                                 const DeletionView& view);

}  // namespace kinto_mirror::sync
