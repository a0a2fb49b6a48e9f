#pragma once
// Everybody but the daemons: clients of the master, operators, meddlers.

#include "history.hpp"
#include "judge.hpp"
#include "random.hpp"
#include "scenario.hpp"
#include "site.hpp"
#include "trace.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kinto_mirror::simulate {

class People {
 public:
  People(Timeline& timeline, Random& random, const Scenario& scenario, Site& master,
         const std::vector<std::unique_ptr<Site>>& replicas, History& history, Judge& judge,
         Trace& trace);

  // Buckets, collections and the first records.
  void begin();
  // Each is one event of its kind.
  void write();
  void reset();
  void meddle();
  void change_rights();
  void move_clocks();
  void come_back();
  void write_container();
  void delete_container();
  void drift();
  void lose();
  void import();
  // One record of each collection that the master shows: neither more records nor fewer.
  void update_one_of_each();
  // Everything that was taken away is given back, and nothing stays open.
  void make_peace();

 private:
  // A record as it was before its collection was deleted.
  struct Kept {
    std::string id;
    model::Epoch stamp = 0;
    std::string body;
  };
  void on_master(std::string method, const std::string& path, std::string body = {});
  void put(const CollectionId& id, const std::string& record, std::optional<model::Epoch> stamp);
  void write_odd_stamp(const CollectionId& id);
  void write_late(const CollectionId& id);
  void write_batch(const CollectionId& id);
  // Puts `count` records with stamps of before; some are of `kept`, where those may come again.
  void import(const CollectionId& id, std::int64_t count, const std::vector<Kept>& kept);
  model::Epoch stamp_of_before(const CollectionId& id, const std::string& record);
  void reset_master();
  void reset_replica(Site& site);
  void lose_collection(Site& site, const CollectionId& id);
  void provide_master();
  void provide_neighbours(Site& site);
  void show_lists();
  std::string shown_to_daemon();
  std::string some_principals(bool users);
  void looked_at();
  std::string body(std::optional<model::Epoch> stamp);
  int below_zero();
  std::string record_id();
  std::string a_record_of(Site& site, const CollectionId& id);
  void told(const std::string& what) const;

  Timeline& timeline_;
  Random& random_;
  const Scenario& scenario_;
  Site& master_;
  const std::vector<std::unique_ptr<Site>>& replicas_;
  History& history_;
  Judge& judge_;
  Trace& trace_;
  std::int64_t serial_ = 0;
  std::vector<model::Kinto::Held> open_;   // transactions
  std::map<CollectionId, Instant> quiet_;  // nobody writes to it until then
  std::vector<model::Store> backups_;      // of the master
  std::vector<std::vector<model::Store>> replicas_backups_;
};

}  // namespace kinto_mirror::simulate
