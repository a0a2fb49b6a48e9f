#pragma once
// What a seed decides about one simulated world.

#include "base/types.hpp"
#include "fault.hpp"
#include "front_ends.hpp"
#include "model/options.hpp"
#include "random.hpp"
#include "sync/decide/options.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kinto_mirror::simulate {

struct SiteOptions {
  model::Options kinto;
  Millis wrong_by{0};  // of its clock
};

// While it lasts a replica takes no writes to a collection, or to some of its records, since a
// transaction that somebody left open holds their rows: a gateway gives up on them (504).
struct Lock {
  std::string records;  // how their ids begin
  Millis from{0};       // so long after the begin of the storm
  Millis until{0};
};

struct Scenario {
  std::uint64_t seed = 0;
  SiteOptions master;
  std::vector<SiteOptions> replicas;
  int daemons = 1;
  sync::Options sync;
  std::vector<CollectionId> collections;  // of the master, in scope
  bool prepared = false;                  // the replicas have bucket and collections already
  std::int64_t records = 0;               // on the master at the beginning, per collection

  Millis storm{0};  // so long the world is hostile
  Millis latency{0};
  Millis between_writes{0};
  // Which evils there are in this world.
  std::vector<Fault> faults;       // of the network and of the servers
  std::int64_t fault_percent = 0;  // of all requests
  bool odd_stamps = false;         // past, future and equal ones, chosen by clients
  // Also below 0 and more than a day ahead. Kinto itself cannot list them in small pages: it
  // refuses the tokens that it gave.
  bool very_odd_stamps = false;
  bool late_commits = false;  // PostgreSQL only
  bool odd_records = false;   // `deleted: true`, null characters
  bool resets = false;        // flush, restart, restore, purge, collections deleted
  bool meddling = false;      // somebody writes to the replicas
  bool rights = false;        // taken away and given back
  bool crashes = false;       // of daemons
  bool clocks = false;        // jump
  std::optional<CacheOptions> cache;
  std::optional<LimiterOptions> limiter;
  bool comebacks = false;     // collections are deleted, and put back with stamps of before
  bool imports = false;       // of many records with stamps of before
  bool while_away = false;    // a few records are imported whenever a daemon dies
  bool reconfigured = false;  // the daemons are started anew with other options
  bool containers = false;    // are written themselves; of such worlds:
  Millis between_container_writes{0};
  bool deleted_containers = false;  // some are deleted, too
  bool mere_reader = false;         // the master shows the daemon no lists
  bool sees_buckets = false;        // but the tombstones of buckets
  bool neighbours = false;          // ids that meet each other
  bool drift = false;               // somebody edits the replica's
  bool unnoticed = false;           // comebacks are between two looks, of as many records
  std::optional<Lock> lock;         // of the first collection, on all replicas
  bool losses = false;              // somebody deletes collections of the replicas
  // So many daemons share the collections at first, and other numbers later, while some of them
  // overlap; 0: each has all.
  int shards = 0;
  bool twin = false;  // a replica is the master under another name, and nothing else is

  // What comes with a stamp of before has an id that was never there: so it changes the count.
  bool fresh_ids = false;

  // Nothing happens that needs an audit: polls alone must bring everything, and an audit is far
  // away.
  bool follow_alone = false;

  // Nothing happens that readers with `_since` could miss by Kinto's own rules, but for what comes
  // with a stamp of before.
  // A replica's new collection has an ETag of its own clock's making, so clocks agree there, too.
  [[nodiscard]] bool readers_are_safe() const noexcept;

  // Nothing happens that only an audit can find.
  [[nodiscard]] bool polls_find_all() const noexcept;

  // What a collection had before it was made anew must go, since the master's history tells of each
  // deletion, and stamps tell what came first.
  [[nodiscard]] bool history_tells_all() const noexcept;

  // A request may be carried out long after it was given up.
  [[nodiscard]] bool may_be_late() const noexcept;

  // So old may an answer be with nothing to show it.
  [[nodiscard]] Millis unseen_age() const noexcept;
};

Scenario draw_scenario(std::uint64_t seed, Random& random);

// Other options for the same daemons.
sync::Options draw_other_options(const Scenario& scenario, Random& random);

// One line for a trace.
std::string describe(const Scenario& scenario);

}  // namespace kinto_mirror::simulate
