#pragma once
// One visit to the containers of a replica: compared with the master's, put right, and reported.

#include "sync/decide/containers_report.hpp"
#include "sync/decide/scope.hpp"
#include "sync/keep/known_checkpoints.hpp"
#include "sync/pass_context.hpp"
#include "sync/read/discover.hpp"
#include "sync/tree/container_plan.hpp"
#include "sync/tree/deletions.hpp"
#include "sync/tree/tree_reader.hpp"
#include "sync/tree/tree_writer.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

// In this order: read_buckets(), read(), before_records(), the visits to the records,
// behind_records(), report().
// What changes on the master meanwhile, the next pass meets. One executor; all that it is given
// outlives it.
class TreePass {
 public:
  // Whether the replica has all records of a collection: who is let in then misses nothing (P6).
  using Loaded = std::function<bool(const CollectionId&)>;

  // `checkpoints` tell what has been replicated, and what other shards have loaded. That of a
  // collection that is to be made anew is withdrawn.
  TreePass(const PassContext& context, const Scope& scope, KnownCheckpoints& checkpoints);

  // Which buckets there are, on both sides: for that nothing need be known.
  ResultTask<void> read_buckets();

  // Both sides of all buckets in scope, or of `only` these; `found`: what the master shows.
  ResultTask<void> read(const Discovered& found, std::optional<std::set<std::string>> only);

  // Buckets, groups, metadata, deletions; of rights, what is taken away. Writes nothing in a dry
  // run.
  ResultTask<void> before_records();

  // What is granted, also of a collection that was loaded long ago: a new one's ETag is its
  // replica's present, above changes that this round has brought.
  ResultTask<void> behind_records(Loaded loaded);

  [[nodiscard]] ContainersReport report() const;
  // Of one bucket and what is in it.
  [[nodiscard]] ContainersReport report(const std::string& bucket) const;

  // Those in scope that the master deleted, as tombstones prove: there is nothing to visit.
  [[nodiscard]] const std::set<CollectionId>& deleted() const noexcept { return deleted_; }

  // Those in scope that the master has, and had not when it was asked which there are.
  [[nodiscard]] const std::vector<CollectionId>& unlisted() const noexcept { return unlisted_; }
  // When the master's collections in scope were written last by themselves, or made anew.
  [[nodiscard]] std::map<CollectionId, Stamp> written() const;

  // Rights that wait for records which could not be brought yet.
  [[nodiscard]] bool waits(const std::string& bucket) const;

  // The stamps of a bucket as it stands on the master and on the replica; nothing where it does
  // not, or is not shown.
  [[nodiscard]] std::pair<std::optional<Stamp>, std::optional<Stamp>> stamps(
      const std::string& bucket) const;

  // Buckets in scope that the master deleted, and the replica still has: of all, not only of those
  // that were looked into.
  [[nodiscard]] std::set<std::string> left_over() const;

  // Collections that went from the replica: what was known of them is void.
  [[nodiscard]] const std::vector<CollectionId>& gone() const noexcept { return gone_; }

 private:
  struct Item {
    Container master;
    std::optional<Container> replica;
    bool unseen = false;  // the replica's user is shown nothing of it, nor may he create it
    // A bucket of another shard, around what is this one's: made where it is not there, and else
    // that shard's to compare, to change and to report.
    bool lent = false;
    bool created = false;
    bool updated = false;
    std::optional<ContainerOutcome> refused;
  };
  using Items = std::map<ContainerId, Item>;
  using Chosen = std::vector<ContainerId>;

  void choose_buckets(const Discovered& found);
  void take_deleted(const std::vector<CollectionId>& ids);
  void take_unlisted(const std::vector<CollectionId>& ids);
  void take_items();
  void take_extras();
  void take_deletions();
  // By now: it is left as it is.
  [[nodiscard]] bool is_paused(const ContainerId& id) const;
  [[nodiscard]] bool holds_paused(const ContainerId& id) const;
  void tell_strangers() const;
  [[nodiscard]] bool in_scope(const ContainerId& id) const;
  [[nodiscard]] bool may_grant(const ContainerId& id) const;
  [[nodiscard]] ContainerPlan plan(const ContainerId& id, const Item& item, bool grant) const;

  // -- Of other shards: tree_pass_shards.cpp.
  void take_lent();
  [[nodiscard]] std::optional<std::string> waits_for(const std::string& bucket) const;
  Task<void> count_others();

  ResultTask<void> withdraw(Chosen ids);
  ResultTask<void> put(Chosen ids);
  ResultTask<Chosen> put_once(Chosen ids);
  ResultTask<std::set<ContainerId>> put_bare(Chosen ids);
  ResultTask<bool> confirm(const ContainerId& id);
  void take(const ContainerId& id, Item& item, ContainerOutcome outcome);
  ResultTask<void> look_again(Chosen ids);
  ResultTask<void> settle_deletions();
  ResultTask<void> take_back(ContainerId id);

  void tell(const ContainerId& id, const Item& item, ContainersReport& report) const;
  [[nodiscard]] std::string reason(ContainerDifference::Kind kind, const ContainerId& id,
                                   const Item& item) const;

  const PassContext& context_;
  const Scope& scope_;
  KnownCheckpoints& checkpoints_;
  Loaded loaded_;  // as last given
  ContainerSettings settings_;
  Containers master_buckets_;
  Containers replica_buckets_;
  std::set<std::string> buckets_;   // that are looked into
  std::set<std::string> in_scope_;  // of these, the ones that are in scope themselves
  Tree master_;
  Tree replica_;
  Items items_;
  std::vector<Deletion> due_;
  std::vector<ContainerDifference> settled_;  // extras, and what had to stay
  std::vector<CollectionId> gone_;
  std::vector<CollectionId> unlisted_;
  std::set<CollectionId> complete_;              // of other shards, as their counts tell
  std::set<CollectionId> deleted_;               // on the master
  std::map<std::string, std::int64_t> removed_;  // from the replica, by bucket
};

}  // namespace kinto_mirror::sync
