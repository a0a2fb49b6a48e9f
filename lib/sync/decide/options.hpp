#pragma once
// What an operator decides about replication. Plain data; the daemon fills it from flags,
// environment and file.

#include "base/clock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

// What becomes of records that only the replica has.
enum class Extras {
  keep,    // the replica may hold records of its own
  remove,  // exact mirror: they are deleted, under the brake ("delete" in flags and files)
};

// How many records one pass may delete for lack of a counterpart on the master.
struct MaxDelete {
  bool percent = true;      // of the replica's records
  std::int64_t value = 10;  // records, or percent (0 to 100)
};

struct Options {
  std::vector<std::string> collections{"*/*"};  // globs over "bucket/collection"
  Millis interval{5'000};
  Millis overlap{60'000};
  Millis audit_interval{3'600'000};
  Extras extras = Extras::keep;
  MaxDelete max_delete;
  std::string checkpoint_file;  // empty: the checkpoint is a record on the replica
  bool dry_run = false;         // compare and report, write nothing at all
  int parallel = 4;             // collections visited side by side, per replica
};

}  // namespace kinto_mirror::sync
