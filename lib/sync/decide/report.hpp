#pragma once
// What a pass did and found. Plain data.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/types.hpp"
#include "sync/decide/options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::sync {

enum class PassKind { load, audit, follow };

// A record that the replica refuses.
struct Refusal {
  std::string id;
  Stamp stamp;  // the master's
  int status = 0;
  std::string reason;    // the server's own words
  bool lacking = false;  // it has no version of it
};

struct BrakeReport {
  std::int64_t would_delete = 0;
  std::int64_t allowed = 0;
  std::vector<std::string> ids;  // the first few
  bool master_lost = false;      // it is empty, or has nothing of what it had: whatever is allowed
};

enum class State {
  in_sync,       // compared, and equal
  different,     // compared, and not equal (or not yet)
  degraded,      // equal but for records that the replica refuses
  brake,         // deletes wait for an operator
  not_shown,     // the master does not show the collection any more; nothing is deleted
  failed,        // not compared: see the error
  not_compared,  // followed from a checkpoint, and not compared yet: see CollectionState::chain
  // Of collections that are followed, between passes; no report ends so.
  waiting,  // no pass yet
  behind,   // was in sync, and there is a lag now
  paused,   // by an operator: see Pauses
};

std::string_view to_string(State state) noexcept;
std::string_view to_string(PassKind kind) noexcept;

// Records that were written to a replica.
struct Written {
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;

  [[nodiscard]] std::int64_t all() const noexcept { return created + updated + deleted; }
  // By so many records the replica grew; below 0: it shrank.
  [[nodiscard]] std::int64_t grown() const noexcept { return created - deleted; }

  Written& operator+=(const Written& more) noexcept {
    created += more.created;
    updated += more.updated;
    deleted += more.deleted;
    return *this;
  }
};

// Records that are not alike on both sides.
struct Differences {
  std::int64_t missing = 0;
  std::int64_t differs = 0;    // another stamp on the replica, older or newer
  std::int64_t extra = 0;      // only on the replica
  std::int64_t undeleted = 0;  // those of `extra` for which the master has a tombstone

  // That the next pass must settle, whatever is done about extras.
  [[nodiscard]] std::int64_t open() const noexcept { return missing + differs + undeleted; }
};

// What a comparison found of one record.
enum class Finding {
  same,
  missing,      // only on the master
  differs,      // another stamp on the replica, or another body
  extra,        // only on the replica
  undeleted,    // likewise, and the master has a tombstone
  quarantined,  // missing or other, and known to be refused
};

std::string_view to_string(Finding finding) noexcept;

struct RecordDifference {
  std::string id;
  Finding finding = Finding::missing;

  bool operator==(const RecordDifference&) const = default;
};

struct CollectionReport {
  // So many are named in `differences`.
  static constexpr std::size_t max_named = 1000;

  CollectionId id;
  PassKind kind = PassKind::audit;
  State state = State::failed;
  std::int64_t master = 0;   // live records
  std::int64_t replica = 0;  // live records, at the end
  // A pass that writes nothing found that the replica has no such collection, or does not show it.
  bool not_on_replica = false;
  Written written;                    // by the pass
  std::int64_t same = 0;              // equal by id and stamp before the pass wrote anything
  Differences found;                  // as it stands at the end
  std::vector<std::string> examples;  // ids of the first few of missing, differs and undeleted
  // Of a pass that writes nothing: the first of what is not the same, in the order in which it was
  // found.
  std::vector<RecordDifference> differences;
  std::vector<Refusal> quarantined;  // refused by this pass
  std::int64_t waiting = 0;          // refused by earlier ones, and not tried again yet
  std::vector<std::string> notes;    // of what is as good as it can be, and yet not equal
  std::optional<BrakeReport> brake;  // of a pass that may not write: what would stop one that may
  std::optional<Error> error;
  Millis took{0};

  void add_example(const std::string& record);
  // Whatever was compared: what cannot be kept, or told, is no success.
  void fail(Error why);
};

// What the counts of a pass mean. Pure.
State conclude(const CollectionReport& report, Extras extras) noexcept;

}  // namespace kinto_mirror::sync
