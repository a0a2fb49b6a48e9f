#pragma once
// The replication engine: what the daemon runs, and the self-test drives.

#include "sync/decide/options.hpp"
#include "sync/decide/run_report.hpp"
#include "sync/keep/checkpoint_store.hpp"
#include "sync/observer.hpp"
#include "sync/pass_context.hpp"
#include "sync/run/replica_loop.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace kinto_mirror::sync {

// REQUIRES: one thread; all references outlive the engine; at most one of its coroutines runs at a
// time, and it is awaited before the engine goes.
class Engine {
 public:
  Engine(Options options, kinto::Server& master, std::vector<kinto::Server*> replicas, Clock& clock,
         Stop& stop, Observer& observer);

  // One full comparison of everything in scope, with repair unless options.dry_run. Failures are in
  // the report.
  Task<RunReport> once();

  // Follows until the stop is requested. Failures are told to the observer and tried again; only a
  // replica that is the master itself, which no waiting cures, requests the stop.
  Task<void> follow();

  // After follow(): why it requested the stop. Nothing where others did.
  [[nodiscard]] const std::optional<Error>& refusal() const noexcept { return refusal_; }

  // While it follows: how each replica stands. Nothing otherwise.
  [[nodiscard]] std::vector<Standing> standings() const;

  // -- While it follows: what an operator orders; see ReplicaLoop. Each returns the collections
  // that are meant, of whichever replica.
  using Meant = ReplicaLoop::Meant;
  Meant audit(const std::vector<std::string>& patterns);
  // Nothing is paused where nothing matches: it was misspelt.
  Result<Meant> pause(const std::vector<std::string>& patterns);
  Result<Meant> resume(const std::vector<std::string>& patterns);
  Meant release(const CollectionId& id);
  void take(const Options& options);
  [[nodiscard]] Meant visits(const Scope& which) const;
  // To them, or to any containers.
  [[nodiscard]] bool is_busy_with(const Scope& which) const;

 private:
  Task<void> run(ReplicaLoop& loop);
  Task<void> once(kinto::Server& replica, ReplicaReport& report);
  [[nodiscard]] std::unique_ptr<CheckpointStore> checkpoints_for(kinto::Server& replica) const;

  Options options_;
  kinto::Server& master_;
  std::vector<kinto::Server*> replicas_;
  Clock& clock_;
  Stop& stop_;
  Observer& observer_;
  std::shared_ptr<CheckpointFile> checkpoint_file_;  // of all replicas; none: on each of them
  std::vector<std::unique_ptr<ReplicaLoop>> loops_;  // while it follows
  std::optional<Error> refusal_;
};

}  // namespace kinto_mirror::sync
