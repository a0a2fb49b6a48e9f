#pragma once
// How many records a replica has, and what follows from that number. Pure.
//
// A poll proves that its changes are on the replica. Whether anything else came or went is told by
// numbers alone: after a pass that applied all that it read, the replica has as many records beyond
// the master's as the last audit counted, or more where it has records of its own. Examples, with 5
// beyond the master's 200, so that the replica has 205:
//   the master has 200, the replica 203:  two of the master's are missing, which came under stamps
//                                         that no poll reads, or the replica lost two
//   the master has 200, the replica 206:  it has one more of its own; or, where nobody but us wrote
//                                         to it, one of the master's went without a tombstone

#include <cstdint>
#include <optional>
#include <string>

namespace kinto_mirror::sync {

struct ReplicaCount {
  std::optional<std::int64_t> live;  // when it was last looked at; all numbers are of records
  // That it has beyond the master's, as the last audit counted, those left out that it refused. It
  // may grow by records of the replica's own.
  std::optional<std::int64_t> surplus;
  // `live` when the surplus was last told, and how many we have added since.
  std::optional<std::int64_t> base;
  std::int64_t added_since = 0;
  bool outgrown = false;  // the last look found more than there should be
  // A pass broke off while it wrote: how many we have added is not known, and counted() takes what
  // is there for ours.
  bool blurred = false;
  std::int64_t fell = 0;  // by how many it fell since the last audit

  // The server counted so many.
  void counted(std::int64_t now) noexcept;

  // The surplus is told now, beside `live`.
  void tell(std::optional<std::int64_t> beyond_master) noexcept;

  // Since the surplus was told nobody but us wrote to the replica, as far as its number tells.
  [[nodiscard]] bool is_ours_alone() const noexcept;

  // By how many the replica has more than `master_live` and the surplus lead to; fewer, where it is
  // below 0; nothing where that cannot be told. `lacking`: that it refused to create.
  [[nodiscard]] std::optional<std::int64_t> beyond(
      std::int64_t master_live, std::optional<std::int64_t> lacking) const noexcept;

  // Why everything must be compared anew, where `more` of beyond() says so. More of them may be the
  // replica's own, unless it is ours alone.
  [[nodiscard]] std::optional<std::string> contradiction(std::int64_t more,
                                                         std::int64_t master_live) const;
};

}  // namespace kinto_mirror::sync
