#pragma once
// What tells that a server was emptied, restored, replaced or made anew: by what a poll reads, and
// by what an audit found. Pure.
//
// A checkpoint proves: below its cursor, the replica had all that the master showed. A poll reads
// what came after it, and no more, so that it proves nothing of a master that was emptied, restored
// or made anew meanwhile. Such a thing leaves traces, which these rules look for; where one is
// found, nothing is concluded, and the collection is compared anew (docs/evidence.md).

#include "sync/decide/checkpoint.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

// The newest object of a listing, record or tombstone.
struct Newest {
  std::string id;  // empty: there was none
  Stamp stamp;
};

// What a poll saw of the master.
struct Polled {
  Stamp etag;                   // of the first page
  Stamp newest;                 // of the changes that were listed; 0: there were none
  bool newest_is_there = true;  // of the last look: listed again, or a newer version of it was
  // Changes that were not known yet, whatever their stamps. Each may explain one record more or
  // less.
  std::int64_t live = 0;
  std::int64_t deleted = 0;  // tombstones, and records that memory backends take for some
  // Records that the master counts at `etag`; nothing: it counted at another one.
  std::optional<std::int64_t> counted;
};

// Why the poll does not go on from `before`, as in "the master's ETag went back"; nothing where it
// does. Examples, with `before` at ETag 100 and 200 records:
//   ETag 90:                                  a restore
//   ETag 150, newest change 120:              something left no trace: made anew, or purged
//   the newest record of before is not there: the same
//   61 records, and one change listed:        139 went without a tombstone
//   862 records, and two changes listed:      660 came under stamps that no poll reads
std::optional<std::string> broken_chain(const Checkpoint& before, const Polled& polled);

// What an audit saw, beside what was before it.
struct Seen {
  Stamp etag;                    // of the master
  std::int64_t master_live = 0;  // records of the master
  std::int64_t survivors = 0;    // that the replica has had since then, and the master still has
  std::int64_t lost = 0;         // that the master has had since then, and the replica has not
  // By how many the replica's own count has fallen since then; nothing where that is not known.
  std::optional<std::int64_t> replica_fell;
};

// One sentence for each reset; nothing where none can be told, as at the first audit.
std::vector<std::string> resets(const Before& before, const Seen& seen);

}  // namespace kinto_mirror::sync
