#pragma once
// Holds the daemons to their promises while the world is at its worst.

#include "comparison.hpp"
#include "container_judge.hpp"
#include "history.hpp"
#include "network.hpp"
#include "scenario.hpp"
#include "sync/decide/report.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinto_mirror::simulate {

class Judge final : public Witness {
 public:
  using Replicas = std::vector<std::unique_ptr<Site>>;
  using Place = std::pair<std::string, CollectionId>;  // replica and collection

  Judge(const Timeline& timeline, const Scenario& scenario, Site& master, const Replicas& replicas,
        const History& history, const Trace& trace);

  void sent(Site& site, const http::Request& request, Run run) override;
  void answered(Site& site, const http::Response& response, Run run) override;
  http::Response carry_out(Site& site, const http::Request& request, Run run) override;

  void rights_taken(const Site& site) { rights_taken_[site.name()] = timeline_.now(); }
  // Somebody else wrote to the replica, or restored it.
  void disturbed(const Site& replica);
  // ... and took records out of a collection that stays.
  void lost(const Site& replica, const CollectionId& id) {
    lost_[{replica.name(), id}] = timeline_.now();
    passed_.erase({replica.name(), id});
  }
  void deleted(const Site& replica, const std::string& uri) { containers_.deleted(replica, uri); }
  // The daemons that worked by `before` are dead, and others work otherwise.
  void reconfigured(const sync::Options& before);

  void pass_done(Run run, const std::string& replica, const sync::CollectionReport& report);
  // The order `sync` of `since` was answered: these hold all that the master had then.
  void barrier_reached(Run run, Instant since, const std::vector<Place>& places);
  void quarantined(const std::string& replica, const CollectionId& id);
  void containers_done(Run run, const std::string& replica, const sync::ContainersReport& report);
  [[nodiscard]] const ContainerJudge& containers() const noexcept { return containers_; }

  // P1: none of `extras` is of before a deletion of the collection of which the history tells.
  void look_for_former_life(const Site& replica, const CollectionId& id,
                            const std::vector<std::string>& extras);

  // Whether it is said to be in sync, by whatever told of it last.
  [[nodiscard]] bool is_said_in_sync(const Site& replica, const CollectionId& id) const;
  // Whether the last pass over it stopped at the brake, or found it hidden.
  [[nodiscard]] bool waits_for_operator(const Site& replica, const CollectionId& id) const;
  [[nodiscard]] bool was_quarantined(const Site& replica, const CollectionId& id) const {
    return quarantined_.contains({replica.name(), id});
  }
  [[nodiscard]] bool loaded(const Site& replica, const CollectionId& id) const {
    return loaded_.contains({replica.name(), id});
  }
  [[nodiscard]] Millis longest_audit() const noexcept { return longest_audit_; }
  // Writes of the daemons that changed a record or a container of a replica.
  [[nodiscard]] std::int64_t changes() const noexcept { return changes_ + containers_.changes(); }

  void fail(const std::string& promise, const std::string& what);
  [[nodiscard]] const std::optional<std::string>& failure() const noexcept { return failure_; }

 private:
  void watch_origin(const Site& site, const http::Request& request);
  void watch_writes(const Site& site, const http::Request& request);
  void watch_write(const Site& site, std::string_view method, std::string_view path);
  [[nodiscard]] Site& site_of(const std::string& replica) const;
  // Another one has written there since.
  [[nodiscard]] bool was_deleted(const CollectionId& id, Instant since) const;
  [[nodiscard]] bool wrote_another(const Place& place, Run run, Instant since) const;
  [[nodiscard]] Instant known_since(Instant begin) const;
  // What a pass that is under way may have seen.
  [[nodiscard]] Instant lately() const;
  // All of it has been there once, or is now, but for what came lately.
  [[nodiscard]] bool was_whole(Site& replica, const CollectionId& id) const;
  // What a collection held when it was last looked at, and the shelf's revision then.
  struct Known {
    std::uint64_t revision = 0;
    std::shared_ptr<const Contents> contents;
  };
  void note_counts(const Site& site, const http::Request& request);
  void note_question(const Site& site, const CollectionId& id, const http::Request& request,
                     Run run);
  // Whether nothing in it has changed since it was last looked at.
  [[nodiscard]] bool looks_as_known(Site& site) const;
  // False where it is as it was known.
  bool bring_up_to_date(const Site& site, const CollectionId& id);
  // `with_container`: by a request that deletes all of it.
  void compare(Site& site, const CollectionId& id, const Contents& before, const Contents& after,
               Run run, bool with_container);
  void vanished(Site& site, const CollectionId& id, const std::string& record, Held before,
                Run run);
  void vanished_with_container(const Site& site, const CollectionId& id, const std::string& record,
                               Held before);
  [[nodiscard]] bool went_with_former_life(const CollectionId& id, const std::string& record,
                                           Held before) const;
  [[nodiscard]] bool may_remove(Instant lately) const;
  [[nodiscard]] bool may_refuse() const;
  [[nodiscard]] bool lost_its_right(const Site& site, const CollectionId& id, Run run) const;
  void lacking(Site& site, const CollectionId& id, const std::string& record);
  [[nodiscard]] bool in_scope(std::string_view path) const;

  const Timeline& timeline_;
  const Scenario& scenario_;
  Site& master_;
  const Replicas& replicas_;
  const History& history_;
  const Trace& trace_;
  std::map<Place, Known> known_;
  std::map<const Site*, std::uint64_t> looked_at_;        // the store's revision then
  std::map<Place, std::map<Run, Instant>> written_;       // by run, when last
  std::map<std::pair<std::string, Run>, Instant> peace_;  // a site asked a run for it, until then
  // Stamps and bodies that records of a replica have had.
  std::map<std::pair<Place, std::string>, std::set<std::pair<model::Epoch, std::size_t>>> held_;
  // When a run last asked for its rights on a collection.
  std::map<std::pair<Place, Run>, Instant> asked_;
  std::map<std::string, Instant> rights_taken_;  // by a site, when last
  std::map<Place, sync::State> states_;          // as the last pass told
  std::map<Place, std::int64_t> lack_deletes_;   // since the last pass ended
  std::set<Place> loaded_;                       // said to be in sync at some time
  std::set<Place> quarantined_;
  // Of which of the collections of that id a pass has come to an end.
  std::map<Place, std::uint64_t> passed_;
  std::map<Place, Instant> lost_;         // records, when last
  std::map<Place, Instant> counted_;      // by a daemon, when last
  std::optional<Instant> removed_until_;  // extras, by daemons that are dead
  Millis longest_audit_{};
  std::int64_t changes_ = 0;
  ContainerJudge containers_;
  std::optional<std::string> failure_;
};

}  // namespace kinto_mirror::simulate
