#pragma once
// Keeps one replica up to date until the stop is requested.

#include "sync/decide/collection_state.hpp"
#include "sync/decide/scope.hpp"
#include "sync/decide/standing.hpp"
#include "sync/keep/checkpoint_store.hpp"
#include "sync/pass_context.hpp"
#include "sync/read/discover.hpp"
#include "sync/run/audit.hpp"
#include "sync/run/follow.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

class ReplicaLoop {
 public:
  // `checkpoints` and all that the context refers to outlive the loop.
  ReplicaLoop(PassContext context, CheckpointStore& checkpoints);

  // By itself it ends, and requests the stop, only where the replica is the master.
  Task<void> run();

  // Why it ended by itself.
  [[nodiscard]] const std::optional<Error>& refusal() const noexcept { return refusal_; }

  // Compares everything anew, at once or as soon as the round that goes on is over.
  void audit_all();

  // As it is now; see there for how long it is good.
  [[nodiscard]] Standing standing() const;

 private:
  ResultTask<void> round();
  ResultTask<void> adopt_checkpoints();
  // `stored`: null where there is none.
  void adopt(const CollectionId& id, CollectionState& state, const Checkpoint* stored);
  ResultTask<void> probe();
  ResultTask<void> probe_replica();
  ResultTask<void> probe_master();
  ResultTask<void> look_at_overlaps();
  void probe_brake(const CollectionId& id, CollectionState& state) const;
  // In the order in which they are made.
  enum class Why { changes, broken, routine };
  struct Visit {
    CollectionId id;
    Why why = Why::changes;
    std::int64_t size = 0;  // records of the master, as it counted last
  };

  Task<void> nap(Millis wait);
  [[nodiscard]] bool waits_for_lost() const;
  void take_stock(const Discovered& found);
  // Nothing is known to be in sync from now on, until it has been compared.
  void break_chain(const CollectionId& id, CollectionState& state, const std::string& what);
  [[nodiscard]] bool follows(const CollectionState& state) const;
  Task<void> visit_all();
  [[nodiscard]] std::vector<Visit> due_visits() const;
  Task<void> visit(CollectionId id, bool whole);
  static std::optional<std::int64_t> beyond(const CollectionState& state,
                                            const FollowResult& result);
  static std::optional<std::string> hold_against_replica(CollectionState& state,
                                                         FollowResult& result);
  static void add_open(const CollectionState& state, CollectionReport& report);
  static void remember(CollectionState& state, const AuditResult& result);
  ResultTask<void> run_audit(CollectionId id, CollectionState& state);
  ResultTask<void> run_follow(CollectionId id, CollectionState& state);
  void be_restless(CollectionState& state) const;
  static void take_count(CollectionState& state, bool counted);
  ResultTask<void> keep(CollectionState& state, Checkpoint now, Checkpoint stored);
  void tell(const CollectionReport& report) const;

  PassContext context_;
  CheckpointStore& checkpoints_;
  Scope scope_;
  Checkpoints stored_;  // as last read or stored, of collections that are not listed yet too
  std::map<CollectionId, CollectionState> states_;    // of the collections in scope now
  std::map<CollectionId, CollectionState> unlisted_;  // that were in scope before
  bool told_nothing_ = false;                         // that nothing is in scope
  std::set<std::string> told_skipped_;                // buckets that the master's user may not read
  std::optional<Error> server_lost_;                  // in this round
  std::optional<Error> refusal_;
  Instant begun_;  // as in Standing
  Instant looked_{};
  Instant round_{};
  Instant next_{};
  bool greeted_ = false;
  std::optional<Error> unread_;  // why some buckets of the master could not be looked into, last
  bool audit_wanted_ = false;
  bool woken_ = false;   // by the same wish
  Stop* nap_ = nullptr;  // ends the wait for the next round, while there is one
};

}  // namespace kinto_mirror::sync
