#pragma once
// Keeps the containers of one replica up to date while it is followed: notices that something may
// have changed on either side, and has it compared.

#include "sync/decide/standing.hpp"
#include "sync/keep/known_checkpoints.hpp"
#include "sync/pass_context.hpp"
#include "sync/read/discover.hpp"
#include "sync/read/probe.hpp"
#include "sync/tree/tree_pass.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

// In each round: take_counts(), where wants_list() then listed(), before_records(), the visits to
// the records, behind_records(). One executor; all that it is given outlives it.
//
// A bucket is compared as a whole, and anew when the count or the ETag of one of its plural
// endpoints, on either side, is another one than before it was compared last. So what the daemon
// itself writes is compared once more, and found equal.
class TreeKeeper {
 public:
  TreeKeeper(const PassContext& context, const Scope& scope, KnownCheckpoints& checkpoints);

  // The plural endpoints whose counts are wanted: of buckets, of collections, of groups.
  [[nodiscard]] std::vector<std::string> endpoints() const;
  void take_counts(const Counts& master, const Counts& replica);

  // Which collections there are may have changed since they were listed.
  [[nodiscard]] bool wants_list() const noexcept { return wants_list_; }
  void listed(const Discovered& found);

  // What is due, as TreePass says.
  ResultTask<void> before_records();
  ResultTask<void> behind_records(TreePass::Loaded loaded);

  // Something was due in this round.
  [[nodiscard]] bool looked() const noexcept { return pass_ != nullptr; }
  // As TreePass says, of this round.
  [[nodiscard]] std::vector<CollectionId> unlisted() const;
  // As TreePass::written() of the last pass; empty where none was due.
  [[nodiscard]] std::map<CollectionId, Stamp> written() const;
  // Collections that went from the replica in this round.
  [[nodiscard]] std::vector<CollectionId> gone() const;
  // The master deleted it, as a tombstone proves.
  [[nodiscard]] bool is_deleted(const CollectionId& id) const { return deleted_.contains(id); }

  // What `which` may mean is compared in the next round.
  void compare(const Scope& which);

  // As each was compared last.
  [[nodiscard]] const std::map<std::string, BucketStanding>& standings() const noexcept {
    return standings_;
  }

 private:
  // Counts and ETags of the endpoints of a bucket; nothing of one that gave no answer.
  using Look = std::map<std::string, std::optional<std::pair<Stamp, std::int64_t>>>;
  using Looks = std::pair<Look, Look>;  // of the master, of the replica
  struct Branch {
    std::optional<Looks> settled;  // as it stood before it was compared last; nothing: it is due
    Instant again{};               // compared then, whatever is counted
    Instant late{};  // late commits are over then, which may lie behind what was written
    int tries = 0;   // in a row, that did not end in sync
    std::pair<std::optional<Stamp>, std::optional<Stamp>> stamps;  // of the bucket itself
    ContainersReport report;
  };

  [[nodiscard]] Looks looks_at(const std::string& bucket) const;
  [[nodiscard]] Look look_at_lists() const;
  static Look pick(const Counts& counts, const std::vector<std::string>& paths);
  [[nodiscard]] std::vector<std::string> endpoints_of(const std::string& bucket) const;
  [[nodiscard]] std::set<std::string> due() const;
  ResultTask<void> look_at_buckets();
  void schedule(Branch& branch, bool wrote);
  void remember(const std::string& bucket, const ContainersReport& report);
  [[nodiscard]] ContainersReport standing(const TreePass* pass) const;
  void tell_under_way();

  const PassContext& context_;
  const Scope& scope_;
  KnownCheckpoints& checkpoints_;
  Counts master_;                 // of this round
  Counts replica_;                // likewise
  Discovered found_;              // what the master shows
  std::set<std::string> listed_;  // buckets whose collections were listed for that
  bool wants_list_ = true;
  bool clean_ = false;             // the list was whole, and hid nothing
  std::optional<Look> listed_at_;  // of the master, before it was listed
  std::optional<Looks> root_;      // of `/buckets`, when they were looked at last
  std::map<std::string, Branch> branches_;
  std::map<std::string, BucketStanding> standings_;
  std::set<CollectionId> deleted_;
  std::unique_ptr<TreePass> pass_;       // of this round; nothing: nothing was due
  Instant pass_begun_{};                 // of this pass
  std::set<std::string> visited_;        // by it
  std::map<std::string, Looks> before_;  // as those stood before it
};

}  // namespace kinto_mirror::sync
