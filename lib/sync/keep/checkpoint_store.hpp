#pragma once
// Where checkpoints are kept: on the replica, with the data that they describe, or in a file.

#include "base/task.hpp"
#include "kinto/server.hpp"
#include "sync/decide/checkpoint.hpp"
#include "sync/keep/checkpoint_file.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace kinto_mirror::sync {

using Checkpoints = std::map<CollectionId, Checkpoint>;

class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;

  // All checkpoints of this master, where they may have changed where they are kept since the last
  // call (another daemon wrote, or they were lost or replaced, on the replica together with the
  // data); nothing where not. The first call always gives them. What cannot be read counts as
  // absent.
  virtual ResultTask<std::optional<Checkpoints>> changes() = 0;

  virtual ResultTask<void> store(Checkpoint checkpoint) = 0;

  // The collection is gone from the replica: what was true of it is not any more.
  virtual ResultTask<void> forget(CollectionId id) = 0;
};

// In `/buckets/kinto-mirror/collections/checkpoints` of the replica, which it creates at the first
// store(). `replica` outlives it.
std::unique_ptr<CheckpointStore> checkpoints_on_replica(kinto::Server& replica, std::string master);

// A file lies apart from the data: what other daemons wrote to it, and that somebody removed it,
// changes() notices, but not that the replica was restored, replaced or flushed. Audits find that
// then, and sooner a count that falls while the daemon runs.
//
// In one JSON file for all collections of all replicas of this daemon, which share `file`;
// `replica` is the replica's URL. Written to a temporary file beside it, synced, and renamed.
std::unique_ptr<CheckpointStore> checkpoints_in_file(std::shared_ptr<CheckpointFile> file,
                                                     std::string replica, std::string master);

}  // namespace kinto_mirror::sync
