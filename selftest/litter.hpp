#pragma once
// The throwaway buckets of a run, until they are removed.

#include "base/types.hpp"
#include "selftest/selftest.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::selftest {

// Uses connections of its own, which a signal does not interrupt.
class Litter {
 public:
  explicit Litter(const Settings& settings) : settings_(settings) {}

  // Notes what stands on the replica. REQUIRES: called before anything is made.
  void look_before();

  // REQUIRES: called before the bucket is made.
  void add(const CollectionId& id) { buckets_[id.bucket].insert(id.collection); }

  // Removes a bucket from both servers with all that is in it, and from the replica the checkpoints
  // of its collections, of those too that a scenario has deleted meanwhile; other checkpoints stay.
  // (The bucket leaves a tombstone of its own, which no client can remove.) What could not be
  // removed, in words; nothing when all is gone.
  std::vector<std::string> sweep(const std::string& bucket);

  // All that are left; and the daemon's own bucket on the replica, where the run has made it and
  // nothing is left in it.
  std::vector<std::string> sweep_all();

 private:
  void sweep_own_bucket(std::vector<std::string>& problems);

  const Settings& settings_;
  bool made_own_bucket_ = false;                          // the daemon's was not there before
  std::map<std::string, std::set<std::string>> buckets_;  // with collections in them
};

}  // namespace kinto_mirror::selftest
