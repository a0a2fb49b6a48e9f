#pragma once
// `run --once` and `check`: one audit of everything in scope for one replica.

#include "sync/decide/run_report.hpp"
#include "sync/keep/known_checkpoints.hpp"
#include "sync/pass_context.hpp"
#include "sync/run/audit.hpp"
#include "sync/tree/tree_pass.hpp"
#include "sync/write/identity.hpp"

namespace kinto_mirror::sync {

// Says hello to both servers; an error when one cannot serve its part. The identity that the
// replica showed meanwhile, for tell_apart().
ResultTask<Shown> greet(const PassContext& context);

// True when a failure is a server's, so that no other collection would fare better.
bool concerns_server(Errc code) noexcept;

// Tells the observer of servers that were emptied, restored or replaced.
void tell_resets(const PassContext& context, const CollectionReport& report, const Before& before,
                 const Seen& seen);

// The checkpoint that a finished audit gives.
Checkpoint checkpoint_of(const PassContext& context, const AuditResult& result);

// The one to store, where `before` is stored now: while the brake holds because
// the master looks lost, what it was before stays.
Checkpoint to_store(const std::optional<BrakeReport>& brake, Checkpoint now,
                    const std::optional<Checkpoint>& before);

class SingleRun {
 public:
  SingleRun(PassContext context, CheckpointStore& checkpoints)
      : context_(context), checkpoints_(checkpoints) {}

  Task<ReplicaReport> run();

 private:
  ResultTask<void> visit_all(ReplicaReport& report);
  Task<void> visit(CollectionId id, ReplicaReport& report);
  Task<CollectionReport> settle(CollectionId id);
  ResultTask<void> before_records(TreePass& tree);
  ResultTask<void> behind_records(TreePass& tree, const ReplicaReport& report);
  ResultTask<void> add_not_shown(const TreePass& tree, const std::vector<CollectionId>& shown,
                                 ReplicaReport& report);

  PassContext context_;
  KnownCheckpoints checkpoints_;
  Checkpoints before_;                // as the run began
  Instant give_up_{};                 // no pass is repeated after it
  std::optional<Error> server_lost_;  // no use in visiting the other collections
};

}  // namespace kinto_mirror::sync
