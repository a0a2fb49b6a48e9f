// Whatever two Kintos of the model hold, one run makes them alike, and another finds nothing to do;
// and so does the loop while the master is written to.
#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Passes;
using test::Profile;
using test::Rounds;
using test::Site;

// Records and tombstones of a few ids, each at a stamp of its own, some of them on both sides.
struct World {
  explicit World(std::uint32_t seed) : random(seed) {}

  bool chance(int percent) { return static_cast<int>(random() % 100) < percent; }

  void fill(Passes& sites) {
    for (int i = 0; i < 40; ++i) {
      const std::string id = "r" + std::to_string(100 + i);
      const std::int64_t ms = 10'000 + 20 * static_cast<std::int64_t>(random() % 1'000) + i % 7;
      hold(sites.master, id, ms);
      if (chance(50)) {
        copy(sites, id);
      } else {
        // Older or newer, or the record is its own. (No tombstone gets a stamp below the record's.)
        const bool gone =
            (sites.master.holds() + ",").find(id + " " + std::to_string(ms) + " gone") !=
            std::string::npos;
        hold(sites.replica, id, ms + (chance(50) && !gone ? 7 : -7));
      }
    }
  }

  void hold(Site& site, const std::string& id, std::int64_t ms) {
    if (chance(15)) return;
    // A stamp is given once, on PostgreSQL.
    while (taken(site, ms)) ms += 20;
    site.hold(id + " " + std::to_string(ms) + (chance(20) ? " gone" : ""));
  }

  static void copy(Passes& sites, const std::string& id) {
    const std::string all = sites.master.holds() + ",";
    const std::size_t begin = all.find(id);
    if (begin != std::string::npos) {
      sites.replica.hold(all.substr(begin, all.find(',', begin) - begin));
    }
  }

  static bool taken(const Site& site, std::int64_t ms) {
    const std::string all = site.holds();
    return all.find(" " + std::to_string(ms)) != std::string::npos ||
           all.find(" " + std::to_string(ms - 1)) != std::string::npos;
  }

  std::minstd_rand random;
};

struct Pair {
  Profile of_master;
  Profile of_replica;
};

const std::vector<Pair> all_pairs{
    {Profile::memory, Profile::memory},
    {Profile::memory, Profile::postgresql},
    {Profile::postgresql, Profile::memory},
    {Profile::postgresql, Profile::postgresql},
};

// Each record of the master is on the replica; in an exact mirror there is no other.
void check_alike(Passes& sites) {
  const auto of_master = sites.master.bodies();
  auto of_replica = sites.replica.bodies();
  if (sites.options.extras == Extras::keep) {
    std::erase_if(of_replica, [&](const auto& one) { return !of_master.contains(one.first); });
  }
  CHECK(of_replica == of_master);
}

}  // namespace

TEST_CASE("one run makes a replica of whatever is there, and the next one has nothing to do") {
  for (const Pair& pair : all_pairs) {
    for (const Extras extras : {Extras::keep, Extras::remove}) {
      for (std::uint32_t seed = 1; seed <= 6; ++seed) {
        CAPTURE(seed);
        CAPTURE(static_cast<int>(pair.of_master));
        CAPTURE(static_cast<int>(pair.of_replica));
        CAPTURE(static_cast<int>(extras));
        Passes sites(pair.of_master, pair.of_replica);
        sites.options.extras = extras;
        sites.options.max_delete = {true, 100};
        for (Site* const site : {&sites.master, &sites.replica}) {
          site->kinto.options().paginate_by = static_cast<std::int64_t>(seed % 3 * 5);
        }
        World(seed).fill(sites);
        const ReplicaReport first = sites.run_once();
        REQUIRE(first.collections.size() == 1);
        CHECK_FALSE(first.error);
        CHECK(first.collections.front().state == State::in_sync);
        check_alike(sites);
        const auto before = sites.replica.holds();
        const ReplicaReport second = sites.run_once();
        CHECK(second.collections.front().state == State::in_sync);
        CHECK(second.collections.front().written.all() == 0);
        CHECK(sites.replica.holds() == before);
      }
    }
  }
}

TEST_CASE("the loop brings whatever the master writes, deletes and writes again") {
  for (const Pair& pair : all_pairs) {
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(seed);
      CAPTURE(static_cast<int>(pair.of_master));
      CAPTURE(static_cast<int>(pair.of_replica));
      Passes sites(pair.of_master, pair.of_replica);
      World world(seed);
      world.fill(sites);
      Rounds rounds(sites);
      for (int round = 0; round < 12; ++round) {
        for (int i = 0; i < 3; ++i) {
          const std::string id = "r" + std::to_string(100 + world.random() % 50);
          sites.time.pass(Millis{3});
          world.hold(sites.master, id, sites.time.ms());
        }
        rounds.next();
      }
      rounds.within(Millis{130'000});
      CHECK(sites.told.failed_rounds.empty());
      CHECK(is_proven(rounds.of().chain));
      CHECK(rounds.lag() == Millis{0});
      check_alike(sites);
    }
  }
}

}  // namespace kinto_mirror::sync
