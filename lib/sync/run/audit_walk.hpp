#pragma once
// The walk of an audit over both sides, and what is done about the differences that it meets.

#include "sync/decide/findings.hpp"
#include "sync/decide/pass_end.hpp"
#include "sync/pass_context.hpp"
#include "sync/read/walk.hpp"
#include "sync/run/evidence.hpp"
#include "sync/write/applier.hpp"

#include <cstdint>
#include <vector>

namespace kinto_mirror::sync {

// One executor; all that it is given outlives it.
class AuditWalk {
 public:
  // Fills in of `result` where to follow from, what was seen, and in a dry run what differs.
  AuditWalk(const PassContext& context, AuditResult& result, Evidence& evidence,
            const Before& before);

  // Both sides to their ends; `list_replica`: false where it has no such collection. All that
  // differs goes to `applier`, but in a dry run.
  ResultTask<void> run(Applier& applier, bool list_replica);

  [[nodiscard]] MergeJoin& join() noexcept { return join_; }

  // Tells how many of the master's records are equal, written or refused.
  void tell_progress(const Applier& applier) const;

  // Records that both have at one stamp, spelled otherwise, and that say the same by value.
  [[nodiscard]] std::int64_t same_by_value() const noexcept { return same_by_value_; }

  // Records that stand at the next free stamp, and are meant to: no difference. In a dry run only.
  [[nodiscard]] std::int64_t meant() const noexcept { return meant_; }
  // The replica has a closing mark that is alive, which a crash has left.
  [[nodiscard]] std::optional<Stamp> met_closing_mark() const noexcept { return met_closing_mark_; }
  // The replica's ETag stands above all that it has shown.
  [[nodiscard]] bool replica_etag_is_uncovered() const noexcept {
    return replica_etag_ > replica_newest_;
  }
  [[nodiscard]] Stamp replica_newest() const noexcept { return replica_newest_; }

  // Rows of the master that were left to the next poll.
  [[nodiscard]] std::int64_t newer() const noexcept { return newer_; }
  // Records that were another one when they were looked at again.
  [[nodiscard]] std::int64_t unsettled() const noexcept { return unsettled_; }

 private:
  ResultTask<void> load_master(Side& master, Applier& applier);
  ResultTask<void> load_replica(Side& replica);
  bool step(Side& master, Side* replica);
  void remember(const Row& row);
  void end(const ListingReader& master);
  ResultTask<void> process(Applier& applier);
  ResultTask<void> report(std::vector<Difference> differences);
  ResultTask<void> drop_same_by_value(std::vector<Difference>& differences);
  void tell(std::string_view id, Finding finding);
  ResultTask<void> repair(Applier& applier, std::vector<Difference> differences);
  void count(const Difference& difference);
  [[nodiscard]] bool bodies() const noexcept;

  const PassContext& context_;
  AuditResult& result_;
  Evidence& evidence_;
  MergeJoin join_;
  std::optional<Findings> findings_;  // in a dry run only
  Stamp horizon_;                     // the master's ETag at the first page; 0: it gave none
  std::optional<Stamp> met_closing_mark_;
  Stamp replica_etag_;        // as the first page told
  Stamp replica_newest_;      // of all rows, tombstones included
  std::int64_t in_hand_ = 0;  // live records that were taken of the join, and not added yet
  std::int64_t meant_ = 0;
  std::int64_t same_by_value_ = 0;
  std::int64_t newer_ = 0;
  std::int64_t unsettled_ = 0;
};

}  // namespace kinto_mirror::sync
