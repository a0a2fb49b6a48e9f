#pragma once
// Puts containers on the replica, and takes them away.

#include "kinto/server.hpp"
#include "sync/tree/container_plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

// REQUIRES: `guard` is the stamp that the replica holds; nothing: it is to be created.
struct ContainerPut {
  ContainerId id;
  ContainerWrite write;
  std::optional<Stamp> guard;
};

struct ContainerOutcome {
  enum class What {
    done,
    changed,   // 412: somebody else wrote it since it was looked at
    no_right,  // 403, or 404 of what it would stand in
    refused,   // by itself, for what is in it
  };
  What what = What::done;
  Container now;       // done: as it stands there
  int status = 0;      // of a refusal
  std::string reason;  // likewise, in the server's own words
};

// A failure that may lie in one container alone: the others need not wait for it.
bool may_be_of_one(Errc code) noexcept;

// Several together where the replica takes them so; whatever may have been lost with a batch (a 409
// takes along what came before it, on PostgreSQL) is sent once more alone, which the guards make
// harmless. A stamp that something else has there gives way to the next free one. Answers in the
// order of `puts`. Errors: of the server, not of one container.
ResultTask<std::vector<ContainerOutcome>> put_containers(kinto::Server& replica,
                                                         std::vector<ContainerPut> puts);

enum class Emptying {
  done,      // as many as one request deletes: others may be left
  gone,      // there is no such collection
  changed,   // 412: somebody has written to it since `etag`; nothing is deleted
  no_right,  // 403
};

// Deletes the records of a collection whose plural endpoint still stands at `etag`.
ResultTask<Emptying> delete_records(kinto::Server& replica, CollectionId id, Stamp etag);

// DELETE under the guard of `present`, alone, with `tombstone` for the stamp of what stays behind.
// What is gone already is done.
ResultTask<ContainerOutcome> delete_container(kinto::Server& replica, ContainerId id, Stamp present,
                                              Stamp tombstone);

}  // namespace kinto_mirror::sync
