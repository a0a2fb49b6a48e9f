#pragma once
// Holds the daemons to their promises about buckets, groups and collections themselves.

#include "container_gaps.hpp"
#include "history.hpp"
#include "network.hpp"
#include "scenario.hpp"
#include "site.hpp"
#include "sync/decide/containers_report.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinto_mirror::simulate {

class ContainerJudge {
 public:
  using Fail = std::function<void(const std::string& promise, const std::string& what)>;
  // Since when a pass that is under way may have looked.
  using Lately = std::function<Instant()>;
  // Whether the replica has had all records of the master's.
  using IsLoaded = std::function<bool(Site&, const CollectionId&)>;

  ContainerJudge(const Timeline& timeline, const Scenario& scenario, Site& master,
                 const History& history, Fail fail, Lately lately, IsLoaded is_loaded);

  // Around each request that a replica carries out.
  void before(Site& replica);
  void after(Site& replica);
  // Somebody else wrote to its containers.
  void disturbed(const Site& replica) { disturbed_[replica.name()] = timeline_.now(); }

  // Somebody deleted it there.
  void deleted(const Site& replica, const std::string& uri) { ++deletions_[{replica.name(), uri}]; }
  // How often a collection of a memory replica has lost its tombstones and its ETag since another
  // one was deleted whose id its own begins with (the model's erase_under(); docs/limits.md).
  [[nodiscard]] int purges(const Site& replica, std::string_view uri) const;

  void told(Site& replica, Run run, const sync::ContainersReport& report);

  // The master deleted it, or the bucket that it is in, by a tombstone that the daemon is shown.
  [[nodiscard]] bool was_deleted(std::string_view uri) const;
  [[nodiscard]] bool is_deleted(std::string_view uri) const;
  // The replica has it although the master deleted it, and nothing that is told keeps it.
  [[nodiscard]] bool was_in_scope(const ContainerStates& replica, std::string_view bucket) const;
  [[nodiscard]] bool is_left_over(const Site& replica, std::string_view uri) const;
  // Likewise, but something that is told keeps it.
  [[nodiscard]] bool must_stay(const Site& replica, std::string_view uri) const;
  [[nodiscard]] bool in_scope(std::string_view uri) const;

  // What the replica lacks of what the master has had since before `settled`.
  [[nodiscard]] std::vector<std::string> gaps(Site& replica,
                                              Instant settled = Instant::max()) const;
  // Lists that count are not shown, so that nobody can say whether they are equal.
  [[nodiscard]] bool has_unknown(Site& replica) const;
  // The master deleted it, and what is told keeps it.
  [[nodiscard]] bool has_undeleted(Site& replica) const;
  // In scope, and only the replica has it.
  [[nodiscard]] bool has_extra(Site& replica) const;

  // Changes of containers by the daemons.
  [[nodiscard]] std::int64_t changes() const noexcept { return changes_; }

 private:
  struct Known {
    std::uint64_t revision = 0;
    std::shared_ptr<const ContainerStates> states;
  };
  [[nodiscard]] Following following(Site& replica) const;
  bool bring_up_to_date(const Site& replica);
  void compare(Site& replica, const std::string& uri, const ContainerState& then,
               const ContainerState& now);
  void watch_data(Site& replica, const std::string& uri, const ContainerState& then,
                  const ContainerState& now);
  void watch_lists(Site& replica, const std::string& uri, const ContainerState& then,
                   const ContainerState& now);
  void watch_grant(Site& replica, const std::string& uri, const std::string& principal);
  [[nodiscard]] static bool is_near_to(const Site& replica, std::string_view uri);
  [[nodiscard]] bool is_named(std::string_view uri) const;
  [[nodiscard]] bool covers(std::string_view bucket) const;

  const Timeline& timeline_;
  const Scenario& scenario_;
  Site& master_;
  const History& history_;
  Fail fail_;
  Lately lately_;
  IsLoaded is_loaded_;
  std::map<const Site*, Known> known_;
  std::map<std::string, Instant> disturbed_;
  std::map<std::pair<std::string, std::string>, int> deletions_;  // by replica and URI
  std::map<std::string, sync::ContainersReport> reports_;         // by replica, the last
  // Of who shares the work, the last of each.
  std::map<std::string, std::map<Run, sync::ContainersReport>> of_shards_;
  std::int64_t changes_ = 0;
};

}  // namespace kinto_mirror::simulate
