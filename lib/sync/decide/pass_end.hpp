#pragma once
// What an audit or a follow ends with. Plain data.

#include "sync/decide/plan.hpp"
#include "sync/decide/report.hpp"
#include "sync/decide/resets.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

// From bad to good. What is `different` or `confirmed` may move the checkpoint: everything that was
// read is on the replica then, or was refused by it.
enum class PassEnd {
  hidden,     // an audit: the master does not show the collection; a follow: one of the two
  failed,     // another error
  broken,     // of a follow: what was read does not go on from the checkpoint
  left,       // something that was read is not on the replica, and was not refused either
  different,  // of an audit: it ended otherwise than in sync for another reason, such as extras
  confirmed,
};

// There is no error, and what was read goes on from what was known.
constexpr bool worked(PassEnd end) noexcept {
  return end >= PassEnd::left;
}

struct FollowResult {
  CollectionReport report;
  PassEnd end = PassEnd::failed;
  // Of `broken`, and of `hidden` where both were met: why everything must be compared.
  std::optional<std::string> audit_because;
  // Where to follow from next time; the old values where not all was confirmed.
  Stamp cursor;
  Stamp etag;
  std::int64_t live = 0;          // records of the master at that ETag, as nearly as it can be told
  bool counted = false;           // ... and exactly
  std::int64_t live_changes = 0;  // that were not known, see Polled
  std::int64_t deleted_changes = 0;  // likewise

  // All was read and applied, and then something failed.
  void fail(Error why) {
    report.fail(std::move(why));
    end = PassEnd::failed;
  }
};

struct AuditResult {
  CollectionReport report;
  PassEnd end = PassEnd::failed;
  // Where to follow from, where it is `different` or `confirmed`.
  Stamp cursor;
  Stamp etag;             // the master's, at the walk's first page
  Stamp date;             // likewise
  std::int64_t live = 0;  // records of the master as it counts them itself
  bool counted = false;   // ... at `etag`
  Seen seen;              // what resets are told by
  // The master wrote while it was read: what was counted is a little older than the end.
  bool moved = false;
  // Of those records the ones that were left to the next poll, for the order's sake.
  std::int64_t newer = 0;
  // There are more extras than one audit holds: it has deleted those that it held, and another one
  // goes on.
  bool more_extras = false;
  // There are extras, and the master's history was not shown: see Checkpoint.
  bool untold = false;
  // Records of the replica as it counts them itself, at the end; nothing where it did not.
  std::optional<std::int64_t> replica_live;
  // Records that the replica has beyond those of the master, those that it refused left out;
  // nothing where that cannot be told.
  std::optional<std::int64_t> surplus;
  Newest newest;               // of what the master listed, but for `newer`
  std::vector<Change> recent;  // likewise, what the next poll will read again

  // Its checkpoint could not be kept.
  void fail(Error why) {
    report.fail(std::move(why));
    end = PassEnd::failed;
  }
};

// What an audit ends with. `applied_all`: everything that was listed is applied, equal or refused.
PassEnd end_of(const CollectionReport& report, bool applied_all) noexcept;

// The checkpoint may move.
constexpr bool moves_checkpoint(PassEnd end) noexcept {
  return end >= PassEnd::different;
}

}  // namespace kinto_mirror::sync
