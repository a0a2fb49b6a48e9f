#pragma once
// What became of the writes of one pass. Pure.

#include "sync/decide/report.hpp"
#include "sync/decide/write.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

struct Applied {
  Written written;
  std::int64_t already = 0;  // somebody else was faster, or it was a replay
  std::int64_t beside = 0;   // of these, the records that stand beside a stamp that was taken
  std::int64_t newer = 0;    // left to the next poll: the master has written them since
  Stamp newest;              // at which any of what was carried out was placed
  // Not carried out: refused, or changed under our hands more often than we tried.
  Differences left;
  std::vector<std::string> left_ids;  // of the first few of these
  std::vector<Refusal> refused;

  // It was carried out; a write that was counted before (Write::counted) is not counted twice.
  void count(const Write& write);
  // It was not, and nothing says that it ever will: the next pass looks again.
  void leave(const Write& write);
  // Likewise, for a reason of the record's own. Returns what is to be told.
  const Refusal& refuse(const Write& write, const Outcome& outcome);

  [[nodiscard]] bool anything() const noexcept;

  // Refused records of at most this stamp that the replica has no version of.
  [[nodiscard]] std::int64_t lacking_up_to(Stamp stamp) const noexcept;

  // Everything is on the replica or refused: nothing was left over.
  [[nodiscard]] bool confirmed() const noexcept;
};

}  // namespace kinto_mirror::sync
