#pragma once
// What the daemon knows of one collection of one replica between two passes. Plain data.

#include "kinto/server.hpp"
#include "sync/decide/checkpoint.hpp"
#include "sync/decide/plan.hpp"
#include "sync/decide/quarantine.hpp"
#include "sync/decide/replica_count.hpp"
#include "sync/decide/report.hpp"
#include "sync/decide/resets.hpp"

#include <optional>

namespace kinto_mirror::sync {

struct CollectionState {
  std::optional<Checkpoint> checkpoint;  // where to follow from; nothing: an audit is due
  // As last stored or read. While the brake holds it stays behind (Checkpoint::braked).
  std::optional<Checkpoint> stored;
  Remembered remembered;
  Quarantine quarantine;
  std::optional<BrakeReport> brake;  // the last audit's; it holds until the next one
  Instant audit_at{};                // when the next audit is due
  bool restless = false;             // late commits may still show up: poll without a hint
  Instant restless_until{};          // ... until a pass that began after this
  // In this round its overlap was looked at, and nothing new was there: no poll is needed.
  bool overlap_known = false;
  bool moved = false;                  // the last probe said so
  std::optional<kinto::Count> probed;  // of the master, in this round
  Newest newest;                       // of the master's changes, at the last look
  // The checkpoint's number of records is not of its ETag: the master was written to between a list
  // and its count. Until they can be held against each other, the collection is not called in sync,
  // and what was read meanwhile is carried on.
  bool uncounted = false;
  bool baseless = false;  // ... and there is no number of before either
  std::int64_t live_since = 0;
  std::int64_t deleted_since = 0;
  // Compared since the daemon started, and no look since has broken the chain of looks.
  bool proven = false;
  // It was broken: compared before anything else.
  bool broken = false;
  bool hidden = false;  // the last audit was told that the master does not show it
  ReplicaCount replica;
  std::optional<Instant> in_step_at;     // the replica held all that the master showed then
  Instant not_before{};                  // after a failure
  int failures = 0;                      // in a row
  bool lost = false;                     // by the last of them a server was lost, or its line
  std::optional<CollectionReport> open;  // what the last audit left, where it could not settle all
  int open_audits = 0;                   // in a row, that could not settle everything
};

}  // namespace kinto_mirror::sync
