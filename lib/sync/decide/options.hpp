#pragma once
// What an operator decides about replication. Plain data; the daemon fills it from flags,
// environment and file.

#include "base/clock.hpp"
#include "sync/decide/shard.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

// What becomes of records that only the replica has.
enum class Extras {
  keep,    // the replica may hold records of its own
  remove,  // exact mirror: they are deleted, under the brake ("delete" in flags and files)
};

// What becomes of the metadata of buckets and collections in scope.
enum class Metadata {
  follow,  // kept as the master's
  create,  // copied when the container is created, and left alone from then on
};

// Which permission lists of containers follow the master's.
enum class Permissions {
  keep,  // none: the replica's own stay
  read,  // the lists `read`; all others stay
  copy,  // all lists
};

// What becomes of the groups of buckets in scope.
enum class Groups { keep, follow };

// What becomes of containers that the master deleted, as a tombstone proves.
enum class Deletions {
  follow,
  records,  // only records are ever deleted
};

// How many records one pass may delete for lack of a counterpart on the master.
struct MaxDelete {
  bool percent = true;      // of the replica's records
  std::int64_t value = 10;  // records, or percent (0 to 100)
};

struct Options {
  std::vector<std::string> collections{"*/*"};  // globs over "bucket/collection"
  Shard shard;                                  // of these, and of the buckets around them
  Millis interval{5'000};
  Millis active_interval{250};  // never above the interval
  Millis overlap{60'000};
  Millis audit_interval{3'600'000};
  Extras extras = Extras::keep;
  MaxDelete max_delete;
  Metadata metadata = Metadata::follow;
  Permissions permissions = Permissions::keep;
  Groups groups = Groups::keep;
  Deletions deletions = Deletions::follow;
  // Principals that are granted `read` on each collection in scope besides, such as
  // "system.Everyone".
  std::vector<std::string> readers;
  // Principals of the master under other names on the replica; "" drops one.
  std::map<std::string, std::string> principals;
  // Whether readers that come from another server are helped over an ETag above all that they see.
  bool closing_marks = true;
  std::string checkpoint_file;  // empty: the checkpoint is a record on the replica
  bool dry_run = false;         // compare and report, write nothing at all
  // Of a dry run:
  bool bodies = false;  // compare the bodies of records at equal stamps too, by value
  bool names = false;   // tell of each record and container by its id, see Observer::compared()
  int parallel = 8;     // collections visited side by side, per replica
};

}  // namespace kinto_mirror::sync
