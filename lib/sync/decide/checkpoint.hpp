#pragma once
// What is known of one collection of one replica, in the form that is stored. Pure.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::sync {

// Every checkpoint ever written is true: below its cursor, the replica had all that the master
// showed. So the last writer wins, and an older one only costs reading again.
struct Checkpoint {
  static constexpr int schema = 1;
  static constexpr std::size_t max_refused = 100;

  std::string master;  // URL: the identity of the master
  CollectionId collection;
  Stamp cursor;
  Stamp etag;             // the master's, when the cursor was taken
  std::int64_t live = 0;  // records of the master at that ETag
  Stamp audited;          // the master's clock at the last audit
  std::int64_t quarantined = 0;
  // Ids of the first `max_refused` of them, so that a comparison by others can name them.
  std::vector<std::string> refused;
  // The brake holds: cursor, etag and live are of the time before it, and stay so until it is let
  // go, whoever follows meanwhile. They tell what the master had before it looked lost.
  bool braked = false;
  // The replica has lost some of what this tells of, or may have, and is being filled anew: it is
  // true again with the next comparison. Nobody is let in for its sake.
  bool withdrawn = false;
  // At the last audit the master's history was not shown: deletions of the collection of before are
  // still to be followed (former_life.hpp).
  bool untold = false;

  bool operator==(const Checkpoint&) const = default;
};

// The id of its record: readable, and different for each master and collection.
std::string checkpoint_id(std::string_view master, const CollectionId& collection);

std::string encode(const Checkpoint& checkpoint);

// Errc::rejected for anything that encode() did not write, or a later schema.
Result<Checkpoint> decode(std::string_view object);

// What is known of an earlier time, when all of the master was on the replica.
struct Before {
  Stamp etag;                          // of the master; what it had then is not newer
  std::int64_t live = 0;               // records of the master; 0: there was no such time
  Stamp audited{};                     // its clock when all was compared last; 0: not told
  bool untold = false;                 // see Checkpoint
  bool broken = false;                 // the chain of looks since then: see Chain
  std::vector<std::string> refused{};  // see Checkpoint
};

// What the latest checkpoint tells of the time before.
Before before_of(const std::optional<Checkpoint>& checkpoint);

// The replica may lack what it had `before`: it has `live` records now, or nothing of that name,
// and the master has `of_master`.
bool may_lack(const Before& before, std::optional<std::int64_t> live,
              std::int64_t of_master) noexcept;

// `etag` and `date` are those of the *first* page of a walk: rows that are written while later
// pages are read lie above them. The smaller one counts, since a record with a future stamp drives
// the ETag ahead of the clock (hazard 7). The overlap leaves room for transactions that took their
// stamp before the page was read and commit after it (hazard 1). A date of 0 means none was given.
Stamp next_cursor(Stamp etag, Stamp date, Millis overlap) noexcept;

}  // namespace kinto_mirror::sync
