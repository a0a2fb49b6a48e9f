#pragma once
// The checkpoints of one replica, as they were last read or stored.

#include "sync/keep/checkpoint_store.hpp"

namespace kinto_mirror::sync {

// One executor; the store outlives it.
class KnownCheckpoints {
 public:
  explicit KnownCheckpoints(CheckpointStore& store) noexcept : store_(store) {}

  // What other daemons have stored meanwhile, too.
  ResultTask<void> read();

  // Of collections that are not listed as well; nullptr: none.
  [[nodiscard]] const Checkpoint* find(const CollectionId& id) const;
  // The daemon, or another one, has replicated it.
  [[nodiscard]] bool knows(const CollectionId& id) const { return find(id) != nullptr; }
  // And the replica has all that its checkpoint tells of, as far as anybody knows.
  [[nodiscard]] bool vouches_for(const CollectionId& id) const;
  [[nodiscard]] const Checkpoints& all() const noexcept { return all_; }

  ResultTask<void> store(Checkpoint checkpoint);
  ResultTask<void> forget(CollectionId id);

  // To be called before a collection that lacks what its checkpoint tells of is made anew or
  // filled: nobody may count on it until it is stored again (Checkpoint::withdrawn). Nothing is
  // written where nobody does.
  ResultTask<void> withdraw(CollectionId id);

 private:
  CheckpointStore& store_;
  Checkpoints all_;
};

}  // namespace kinto_mirror::sync
