#pragma once
// One world while it runs: its servers, its people, its daemons and who judges them. Private to
// world*.cpp.

#include "bounds.hpp"
#include "ear.hpp"
#include "judge.hpp"
#include "people.hpp"
#include "process.hpp"
#include "reader.hpp"
#include "world.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kinto_mirror::simulate {

// Waits between two tries, at most a minute, and a server's Retry-After.
inline constexpr Millis slack{150'000};

class World {
 public:
  World(Scenario scenario, const Random& random, bool trace);
  Verdict run();

 private:
  // world.cpp: how time passes
  std::vector<std::unique_ptr<Site>> make_replicas();
  // Calls `what` again and again, on average each `time`.
  void every(Millis time, Instant end, const std::function<void()>& what);
  void start(Daemon& daemon);
  // kill -9
  void kill(Daemon& daemon);
  void run_until(Instant end);
  void run_ready();
  void read();
  // P6. A record in quarantine comes out of turn, and what a server says without an ETag has none.
  // No precondition of Kinto's covers what is not there: a create may stand where the record was
  // deleted since, be it late, or of a daemon that is slower than the other one.
  void check(const Reader& reader);
  [[nodiscard]] bool is_judged(const Reader& reader) const;
  // A wish to stop is granted in ten seconds.
  void end();

  // world_storm.cpp
  void storm();
  void put_up_front_ends();
  void put_up_limiters(const LimiterOptions& limiter);
  void take_limiters_away();
  // Somebody edits the configuration while the daemons are away.
  void reconfigure();
  void change_options(const sync::Options& options);
  // Each shard is some daemon's.
  [[nodiscard]] sync::Shard share_of(std::size_t daemon) const;
  void become(Daemon& daemon, sync::Shard shard);
  // Another number of shards, of which the daemons come to know one after the other.
  void share_anew();
  void move_clocks();

  // world_peace.cpp
  // P1, P2, P4: whatever happened, an audit later it is a faithful copy.
  void converge();
  std::int64_t most_extras();
  // P8 without audits: whatever broke the chain from one look to the next, soon nothing is called
  // in sync that is not equal.
  void settle();
  // Where a whole run of stamps has been pushed on by one, each audit puts one of them right.
  [[nodiscard]] bool may_stand_beside() const;
  void let_audits_end();
  // P7, P5: where nothing happens nothing is written, and little is asked.
  void rest();
  // That a collection holds on one side, tombstones among them.
  [[nodiscard]] std::int64_t most_objects();
  // An audit that is under way reads to its end before a poll comes: for each window of three
  // records or tombstones about four requests, one after the other.
  [[nodiscard]] Millis of_an_audit();
  // P1 in a collection that has rested for longer than the overlap, whose number of records stays.
  void hear_a_last_word();

  // world_once.cpp
  // P8: `run --once` says "in sync" when it is, and only then.
  void say_so();
  static std::string differences(const sync::RunReport& report);

  template <class What>
  void for_each_pair(const What& what) {
    for (const auto& replica : replicas_) {
      for (const CollectionId& id : scenario_.collections) what(*replica, id);
    }
  }

  Timeline timeline_;
  Random random_;
  Scenario scenario_;
  Trace trace_;
  History history_;
  Site master_;
  std::vector<std::unique_ptr<Site>> replicas_;
  Judge judge_;
  Network network_;
  People people_;
  Surroundings around_;
  std::vector<std::unique_ptr<Daemon>> daemons_;
  std::unique_ptr<Process> once_;
  std::vector<Reader> readers_;
  Run last_run_ = 0;
  std::int64_t container_writes_ = 0;
  std::int64_t starts_ = 0;  // of daemons, since the limiter came
  int shards_ = 1;           // that the daemons are to be
  bool at_peace_ = false;
  Verdict verdict_;
};

}  // namespace kinto_mirror::simulate
