#pragma once
// Whether deletes for lack of a counterpart may go on. Pure.

#include "sync/decide/options.hpp"
#include "sync/decide/report.hpp"

#include <cstdint>
#include <optional>

namespace kinto_mirror::sync {

struct BrakeInput {
  std::int64_t deletes = 0;       // records that only the replica has
  std::int64_t replica_live = 0;  // records of the replica
  std::int64_t master_live = 0;   // records of the master
  // Nothing is left on the master of what the replica once got from it.
  bool nothing_left = false;
  // An operator has let so many go, whatever is allowed.
  std::int64_t released = 0;
};

// How many such deletes one pass may make. A percentage never allows fewer than ten records, but 0
// allows none.
std::int64_t allowed_deletes(const MaxDelete& max, std::int64_t replica_live) noexcept;

// The master is empty, or nothing is left of what it had.
bool master_looks_lost(const BrakeInput& input) noexcept;

// True: none of the deletes is made. Beyond what is allowed, the brake also holds, unless
// everything (100%) was allowed, when the master looks lost: a flushed or restarted one does
// (hazards 27 and 43), and however few its records were, it is no order to delete. What an operator
// has released goes, and not one more.
bool brake_holds(const MaxDelete& max, const BrakeInput& input) noexcept;

// What is told of it where it holds, but for the ids; else nothing.
std::optional<BrakeReport> pulled(const MaxDelete& max, const BrakeInput& input);

}  // namespace kinto_mirror::sync
