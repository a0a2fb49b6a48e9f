#pragma once
// A place for checkpoints without a replica, for tests.

#include "sync/keep/checkpoint_store.hpp"

#include <optional>
#include <utility>

namespace kinto_mirror::sync::test {

struct MemoryStore final : CheckpointStore {
  // One of 7 records.
  void has(const CollectionId& id) {
    Checkpoint& checkpoint = all[id];
    checkpoint.collection = id;
    checkpoint.live = 7;
  }

  ResultTask<std::optional<Checkpoints>> changes() override {
    co_return std::optional<Checkpoints>(all);
  }
  ResultTask<void> store(Checkpoint checkpoint) override {
    if (fails) co_return Error(Errc::forbidden, "no");
    ++stored;
    all[checkpoint.collection] = std::move(checkpoint);
    co_return success();
  }
  ResultTask<void> forget(CollectionId id) override {
    if (fails) co_return Error(Errc::forbidden, "no");
    all.erase(id);
    co_return success();
  }

  Checkpoints all;
  int stored = 0;  // times
  bool fails = false;
};

}  // namespace kinto_mirror::sync::test
