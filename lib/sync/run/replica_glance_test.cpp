// How the loop of a replica looks after active collections between two rounds. Between two Kintos
// of the model.
#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using test::at;
using test::Passes;
using test::Rounds;

constexpr Millis moment{250};

struct Active : Passes {
  explicit Active(int more = 0) {
    options.active_interval = moment;
    for (int i = 0; i < more; ++i) provide({"b", "d" + std::to_string(i)});
    master.hold("a 10, b 500000");
  }
  // The looks of this time, each at its moment.
  void let_look(Rounds& rounds, int looks) {
    for (int i = 0; i < looks; ++i) rounds.look_after(moment);
  }
  // Nothing that was asked before counts.
  void forget() {
    master.seen.clear();
    replica.seen.clear();
    told.passes.clear();
  }
};

}  // namespace

TEST_CASE("what changed lately is asked after between the rounds, and followed at once") {
  Active sites;
  Rounds rounds(sites);
  rounds.next();
  sites.master.hold("a 900000");
  rounds.next();
  CHECK(rounds.last() == "follow in-sync +0 ~1 -0");
  sites.forget();
  sites.master.hold("c 910000");
  sites.let_look(rounds, 1);
  CHECK(rounds.last() == "follow in-sync +1 ~0 -0");
  CHECK(sites.replica.holds() == sites.master.holds());
  CHECK(rounds.of().checkpoint->etag == at(910'000));
  CHECK(rounds.lag() == Millis{0});
  // One question, which covers the list of collections; one list.
  CHECK(sites.master.seen.size() == 2);
  CHECK(sites.master.asked("/buckets/b/collections\"") == 1);
  CHECK(sites.told.failed_rounds.empty());
}

TEST_CASE("the checkpoint of what came between two rounds is stored: a restart may come first") {
  Active sites;
  Rounds rounds(sites);
  rounds.next();
  sites.master.hold("a 900000");
  rounds.next();
  sites.forget();
  const std::string stored = "PUT /v1/buckets/kinto-mirror";
  for (const std::string line : {"c 910000", "c 920000", "c 930000"}) {
    sites.master.hold(line);
    sites.let_look(rounds, 1);
  }
  CHECK(sites.told.passes.size() == 3);
  CHECK(sites.replica.asked(stored) == 3);
  CHECK(rounds.of().stored->etag == at(930'000));
}

TEST_CASE("what is at rest is asked after in the rounds alone, and an active one comes to rest") {
  Active sites(3);
  Rounds rounds(sites);
  rounds.next();
  sites.forget();
  sites.let_look(rounds, 10);
  CHECK(sites.master.seen.empty());
  sites.master.hold("a 900000");
  rounds.next();
  sites.forget();
  sites.let_look(rounds, 19);  // the last moment belongs to the next round
  CHECK(sites.master.seen.size() == 7);
  CHECK(sites.master.asked("d0/records") == 0);
  CHECK(sites.replica.seen.empty());
  rounds.next(2);
  sites.forget();
  sites.let_look(rounds, 19);
  CHECK(sites.master.seen.empty());
}

TEST_CASE("where the list of collections moved, records wait for the round that brings it") {
  Active sites;
  Rounds rounds(sites);
  rounds.next();
  sites.master.hold("a 900000");
  rounds.next();
  sites.master.admin("PATCH", "/buckets/b/collections/c", R"({"data":{"schema":{}}})");
  sites.master.hold("c 910000");
  sites.forget();
  sites.let_look(rounds, 3);
  CHECK(sites.told.passes.empty());
  CHECK(sites.replica.seen.empty());
  rounds.next();
  CHECK(sites.replica.holds() == sites.master.holds());
}

TEST_CASE("after a look that failed nobody is asked before the next round, which tells of it") {
  Active sites;
  Rounds rounds(sites);
  rounds.next();
  sites.master.hold("a 900000");
  rounds.next();
  sites.from_master.set_patience(Millis{0});
  sites.forget();
  sites.master.fail("", Errc::unreachable, 1, test::always);
  sites.let_look(rounds, 5);
  CHECK(sites.master.seen.size() == 1);
  CHECK(sites.told.failed_rounds.empty());
  rounds.next();
  CHECK(sites.told.failed_rounds.size() == 1);
  sites.master.recover();
  sites.master.hold("c 910000");
  rounds.next();
  CHECK(sites.replica.holds() == sites.master.holds());
}

TEST_CASE("a follow between two rounds that fails leaves the lag growing, and waits") {
  Active sites;
  Rounds rounds(sites);
  rounds.next();
  sites.master.hold("a 900000");
  rounds.next();
  sites.to_replica.set_patience(Millis{0});
  sites.replica.block("", 503, 1, test::always);
  sites.master.hold("c 910000");
  sites.let_look(rounds, 1);
  CHECK(rounds.of().failures == 1);
  sites.forget();
  sites.let_look(rounds, 4);
  CHECK(rounds.lag() > Millis{0});
  CHECK(sites.replica.seen.empty());
}

TEST_CASE("active collections are looked after while a long comparison goes on") {
  Active sites(1);
  const CollectionId slow("b", "d0");
  sites.master.fill(10, 500'000, slow);
  Rounds rounds(sites);
  rounds.next();
  sites.master.hold("a 900000");
  rounds.next();
  // The walk of the other one waits for its server, and the clock goes on.
  sites.replica.erase("r100", 500'100, slow);
  std::string meanwhile;
  sites.master.on("d0/records?_sort=last_modified,id&not_last_modified=", [&] {
    sites.master.hold("c 910000");
    sites.time.pass(moment);
    sites.time.wake();
    return test::Site::Answer();
  });
  sites.master.meanwhile("d0/records?_sort=last_modified,id&_since",
                         [&] { meanwhile = sites.replica.holds(); });
  rounds.next();
  CHECK(sites.replica.holds() == sites.master.holds());
  CHECK(sites.replica.holds(slow) == sites.master.holds(slow));
}

}  // namespace kinto_mirror::sync
