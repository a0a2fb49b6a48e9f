#pragma once
// Keeps one replica up to date until the stop is requested.

#include "sync/decide/collection_state.hpp"
#include "sync/decide/hints.hpp"
#include "sync/decide/pass_end.hpp"
#include "sync/decide/scope.hpp"
#include "sync/decide/standing.hpp"
#include "sync/keep/known_checkpoints.hpp"
#include "sync/pass_context.hpp"
#include "sync/read/discover.hpp"
#include "sync/run/tree_keeper.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace kinto_mirror::sync {

class ReplicaLoop {
 public:
  // `checkpoints` and all that the context refers to outlive the loop, but for the options, which
  // it copies.
  ReplicaLoop(const PassContext& context, CheckpointStore& checkpoints);

  // By itself it ends, and requests the stop, only where the replica is the master.
  Task<void> run();

  // Why it ended by itself.
  [[nodiscard]] const std::optional<Error>& refusal() const noexcept { return refusal_; }

  // As it is now; see there for how long it is good.
  [[nodiscard]] Standing standing() const;

  // -- What an operator orders: replica_orders.cpp. Each returns the collections that are meant,
  // and is begun at once, or as soon as the round that goes on is over. Patterns: as of Scope, and
  // none begins with `!`.
  using Meant = std::set<CollectionId>;
  // Compares them anew, and the containers of their buckets.
  Meant audit(const std::vector<std::string>& patterns);
  // Leaves them alone, or goes on with them, those too that match one day. A pattern that matches
  // nothing now pauses nothing: see Engine.
  Result<Meant> pause(const std::vector<std::string>& patterns);
  Result<Meant> resume(const std::vector<std::string>& patterns);
  // Lets the brake go, once, for what it holds now. Nothing where it holds nothing.
  Meant release(const CollectionId& id);
  // From the next round on. REQUIRES: no other than scope, brake, intervals and `parallel` differ.
  void take(Options options);
  // Visits to these are under way.
  [[nodiscard]] Meant visits(const Scope& which) const;
  // Containers are being compared or written.
  [[nodiscard]] bool keeps_tree() const noexcept { return keeps_tree_; }
  // Those that it follows, or followed.
  [[nodiscard]] Meant matching(const Scope& which) const;

 private:
  // -- Rounds: replica_loop.cpp.
  ResultTask<void> round();
  ResultTask<void> meet_servers();
  Task<bool> nap(Millis wait);  // true: it was woken
  [[nodiscard]] bool waits_for_lost() const;
  // Loops that do keep the same beat: what they ask of it is asked once.
  [[nodiscard]] bool shares_master() const noexcept;
  void take_stock(const Discovered& found);
  void take_rewritten();
  void change_options();
  void take_orders();
  void carry_out_orders();
  void wake();
  void mark_paused();
  TreePass::Loaded is_loaded();
  Task<void> visit_all();
  Task<void> visit_due();
  enum class Pass { audit, follow, glance };
  Task<void> visit(CollectionId id, Pass pass);
  // Nothing is known to be in sync from now on, until it has been compared.
  void break_chain(const CollectionId& id, CollectionState& state, const std::string& what);

  // -- Between two rounds, and beside one: replica_glance.cpp.
  Task<void> rest();
  Task<void> glance();
  Task<void> glance_until_visited();
  Task<void> glance_where_due();
  [[nodiscard]] std::optional<Instant> glance_due() const;
  [[nodiscard]] Rhythm rhythm() const noexcept;
  bool has_moved(const CollectionId& id, const Counts& counted);
  Task<bool> containers_stand(CollectionId id);
  void forget_counts(const CollectionId& id);

  // -- Whom a round asks after what: replica_turns.cpp.
  Task<void> ask_hints(std::size_t before);
  void take_replica_turn(std::size_t before);
  void take_master_turn(std::size_t before);
  void take_turns(const kinto::Server& server, std::size_t before, Instant CollectionState::*asked,
                  const std::function<bool(const CollectionId&)>& wants);
  [[nodiscard]] std::vector<std::string> replica_paths() const;
  [[nodiscard]] std::vector<std::string> master_paths() const;
  [[nodiscard]] bool asks_master(const CollectionId& id) const;
  void hold_against_hint(const CollectionId& id, const CollectionState& state);

  // -- What happened between two passes: replica_probe.cpp.
  ResultTask<void> count_ahead();
  Task<void> wait_for_others();
  ResultTask<void> count_in_turns(kinto::Server& server, std::vector<std::string> paths,
                                  Counts& counted, std::set<std::string>& apart);
  ResultTask<void> count_more(kinto::Server& server, std::vector<std::string> paths,
                              Counts& counted, std::set<std::string>& apart);
  ResultTask<void> list_collections();
  ResultTask<void> keep_tree();
  void remember_containers();
  void adopt_checkpoints();
  ResultTask<void> probe();
  ResultTask<void> probe_replica();
  ResultTask<void> probe_master();
  ResultTask<void> look_at_overlaps();

  // -- One pass: replica_visit.cpp.
  ResultTask<void> run_audit(CollectionId id, CollectionState& state);
  ResultTask<void> run_follow(CollectionId id, CollectionState& state);
  void use_up_release(const CollectionId& id, const AuditResult& result);
  Task<void> count_replica(const CollectionId& id, CollectionState& state);
  ResultTask<void> go_on(CollectionState& state, Checkpoint checkpoint);
  ResultTask<void> keep(CollectionState& state, Checkpoint now, Checkpoint stored);
  ResultTask<void> withdraw(CollectionId id);
  void notice(const CollectionId& id, std::string_view what) const;
  void tell(const CollectionReport& report) const;

  Options options_;
  PassContext context_;  // with these
  KnownCheckpoints checkpoints_;
  Scope scope_;
  std::unique_ptr<TreeKeeper> tree_;
  std::map<CollectionId, CollectionState> states_;    // of the collections in scope now
  std::map<CollectionId, CollectionState> unlisted_;  // that were in scope before
  std::set<CollectionId> deleted_;                    // on the master, since they were in scope
  ToldOfScope told_;
  std::optional<Error> server_lost_;  // in this round
  std::optional<Error> refusal_;
  Instant begun_;  // as in Standing
  Instant looked_{};
  Instant round_{};
  Instant listed_at_{};     // as in Standing
  std::string list_doubt_;  // likewise, of that list
  bool list_refused_ = false;
  Instant next_{};
  std::set<std::string> master_apart_;    // counted by themselves, see counts()
  std::set<std::string> replica_apart_;   // likewise
  std::set<std::string> overlaps_apart_;  // listed by themselves, see recent()
  Counts of_replica_;                     // of this round
  Counts of_master_;                      // likewise
  std::map<std::string, Hint> hints_;     // by bucket, where the master has a history
  Counts of_containers_;  // of the master's lists of them, as the tree was kept last
  std::set<CollectionId> visiting_;
  Stop visited_;      // the visits of this round are over; not of visit_all(), which may go first
  Discovered found_;  // what the master was seen to have, last
  std::optional<Error> unread_;    // why some buckets of the master could not be looked into, last
  std::optional<Options> wanted_;  // from the next round on
  std::vector<std::string> orders_;        // to compare: patterns, for the next round
  std::vector<std::string> begun_orders_;  // for the one under way, or that failed before it could
  Stop* nap_ = nullptr;                    // ends the wait for the next round, while there is one
  bool woken_ = false;                     // by an order
  bool told_nothing_ = false;              // that nothing is in scope
  std::optional<Error> failed_;            // what the last round ended by
  bool greeted_ = false;  // and nothing since was otherwise than the servers said then
  bool glances_ = false;  // the last round was done, and no look since has failed
  bool keeps_tree_ = false;
};

}  // namespace kinto_mirror::sync
