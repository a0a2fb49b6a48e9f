#pragma once
// The throwaway buckets of a run, until they are removed.

#include "selftest/selftest.hpp"

#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::selftest {

// Uses connections of its own, which a signal does not interrupt.
class Litter {
 public:
  explicit Litter(const Settings& settings) : settings_(settings) {}

  // REQUIRES: called before the bucket is made.
  void add(const std::string& bucket) { buckets_.insert(bucket); }

  // Removes a bucket from both servers, and from the replica the checkpoints of its collections;
  // other checkpoints stay. What could not be removed, in words; nothing when all is gone.
  std::vector<std::string> sweep(const std::string& bucket);

  // All that are left.
  std::vector<std::string> sweep_all();

 private:
  const Settings& settings_;
  std::set<std::string> buckets_;
};

}  // namespace kinto_mirror::selftest
