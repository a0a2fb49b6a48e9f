// Of which collections a round asks. Between two Kintos of the model.
#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Passes;
using test::Rounds;
using test::Site;

constexpr int more = 99;

// A hundred collections of one bucket at rest, compared and behind their overlap.
struct Many : Passes {
  Many() {
    for (int i = 0; i < more; ++i) {
      provide(one(i));
      master.hold("a 10", one(i));
    }
    master.hold("a 10, b 20");
  }
  void let_master_tell(bool of_records) {
    master.kinto.options().history = true;
    master.kinto.options().history_of_records = of_records;
  }
  static CollectionId one(int number) { return {"b", "d" + std::to_string(number)}; }
  void settle(Rounds& rounds) {
    rounds.next();
    rounds.within(Millis{130'000});
    forget();
  }
  void forget() {
    master.seen.clear();
    replica.seen.clear();
    told.passes.clear();
    told.notices.clear();
  }
};

// Plural endpoints whose numbers were asked for.
int counted(const Site& site) {
  const std::string head = R"("method":"HEAD")";
  int out = 0;
  for (const std::string& line : site.seen) {
    for (auto found = line.find(head); found != std::string::npos;
         found = line.find(head, found + 1)) {
      ++out;
    }
  }
  return out;
}

// How long until a condition holds; rounds pass meanwhile.
template <class Condition>
Millis until(Passes& sites, Rounds& rounds, Condition condition) {
  const Instant begin = sites.time.now();
  while (!condition() && sites.time.now() - begin < Millis{120'000}) rounds.next();
  return sites.time.now() - begin;
}

}  // namespace

TEST_CASE("what the replica lost is looked for in turns, and each is asked within a minute") {
  Many sites;
  Rounds rounds(sites);
  sites.settle(rounds);
  rounds.next(12);
  // A batch for the turn and the containers each round, and a question after the checkpoints.
  CHECK(counted(sites.replica) <= 12 * 26);
  CHECK(counted(sites.master) >= 12 * 100);
  for (const int number : {0, 47, 98}) {
    sites.forget();
    sites.replica.hold("a 11 gone", sites.one(number));
    const Millis took =
        until(sites, rounds, [&] { return sites.told.says("the replica lost") > 0; });
    CHECK(took <= Millis{60'000});
    CHECK(sites.replica.holds(sites.one(number)) == "a 10");
  }
}

TEST_CASE("few collections are all looked at in each round, on both sides") {
  Passes sites;
  sites.provide({"b", "d"});
  sites.master.kinto.options().history = true;
  sites.master.hold("a 10, b 20");
  Rounds rounds(sites);
  rounds.next();
  rounds.within(Millis{130'000});
  sites.replica.seen.clear();
  sites.master.seen.clear();
  rounds.next(3);
  CHECK(counted(sites.master) == 3 * 4);
  CHECK(sites.master.asked("/history") == 0);
  CHECK(counted(sites.replica) >= 3 * 4);
}

TEST_CASE("where the history says that nothing happened, the master is asked in turns as well") {
  Many sites;
  sites.let_master_tell(true);
  Rounds rounds(sites);
  sites.settle(rounds);
  rounds.next(12);
  CHECK(counted(sites.master) <= 12 * 25);
  CHECK(sites.master.asked("/buckets/b/history") == 12);
  // What happens is told, and followed in the next round.
  for (const int number : {0, 47, 98}) {
    CAPTURE(number);
    sites.master.hold("x " + std::to_string(sites.time.ms() - 1), sites.one(number));
    rounds.next();
    CHECK(sites.replica.holds(sites.one(number)) == sites.master.holds(sites.one(number)));
    CHECK(rounds.lag(sites.one(number)) == Millis{0});
  }
  CHECK(sites.told.failed_rounds.empty());
}

TEST_CASE("a change that came while the master could not be counted is not taken for rest") {
  Many sites;
  sites.let_master_tell(true);
  Rounds rounds(sites);
  sites.settle(rounds);
  sites.from_master.set_patience(Millis{0});
  sites.master.hold("x " + std::to_string(sites.time.ms() - 1), sites.one(98));
  sites.master.fail("d98/records", Errc::unreachable, 1, 1);
  rounds.next();
  CHECK(sites.told.failed_rounds.size() == 1);
  rounds.next();
  CHECK(sites.replica.holds(sites.one(98)) == sites.master.holds(sites.one(98)));
}

TEST_CASE("a history that keeps changes to itself costs a minute once, and then is not believed") {
  Many sites;
  sites.let_master_tell(false);
  Rounds rounds(sites);
  sites.settle(rounds);
  const CollectionId first = sites.one(98);
  rounds.next(2);
  sites.master.hold("x " + std::to_string(sites.time.ms() - 1), first);
  const auto same = [&sites](const CollectionId& id) {
    return sites.replica.holds(id) == sites.master.holds(id);
  };
  CHECK(until(sites, rounds, [&] { return same(first); }) <= Millis{60'000});
  rounds.next(2);
  sites.forget();
  rounds.next();
  CHECK(counted(sites.master) >= 100);
  for (const int number : {3, 50}) {
    sites.master.hold("y " + std::to_string(sites.time.ms() - 1), sites.one(number));
    rounds.next();
    CHECK(same(sites.one(number)));
  }
}

TEST_CASE("where the history vanishes the master is asked by its counts") {
  Many sites;
  sites.let_master_tell(true);
  Rounds rounds(sites);
  sites.settle(rounds);
  rounds.next(2);
  sites.master.kinto.options().history = false;
  sites.forget();
  sites.master.hold("x " + std::to_string(sites.time.ms() - 1), sites.one(5));
  rounds.next();
  CHECK(sites.replica.holds(sites.one(5)) == sites.master.holds(sites.one(5)));
}

}  // namespace kinto_mirror::sync
