// When the loop of a replica looks at what, and in which order. Between two Kintos of the model.
#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Passes;
using test::Profile;
using test::Rounds;
using test::the_collection;

const CollectionId two("b", "two");
const CollectionId three("b", "three");

// "c audit, two follow": the passes since the last question, in their order.
std::string passes(Passes& sites) {
  std::string out;
  for (const auto& pass : std::exchange(sites.told.passes, {})) {
    out += (out.empty() ? "" : ", ") + pass.report.id.collection + " " +
           std::string(to_string(pass.report.kind));
  }
  return out;
}

// Three collections, one visited after the other. The larger the name, the smaller it is.
struct Three : Passes {
  Three() {
    options.parallel = 1;
    for (test::Site* const site : {&master, &replica}) site->remove();
    for (const CollectionId& id : {the_collection, two, three}) provide(id);
    master.fill(30, 500'000, the_collection);
    master.fill(20, 500'000, three);
    master.fill(10, 500'000, two);
  }
  // A walk over a list of the master takes so long from now on.
  void walks_take(Millis duration) {
    master.on(
        "/records?_sort=last_modified,id&not_last_modified=",
        [this, duration] {
          time.pass(duration);
          return test::Site::Answer();
        },
        1, test::always);
  }
};

}  // namespace

TEST_CASE("the first round copies everything, and what comes then is brought at the next one") {
  Passes sites;
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next();
  CHECK(rounds.last() == "load in-sync +2 ~0 -0");
  CHECK(sites.replica.bodies() == sites.master.bodies());
  CHECK(sites.told.worked == std::vector<std::size_t>{1});
  CHECK(rounds.wait() == sites.options.interval);
  sites.master.hold("a 900000, b 910000 gone");
  rounds.next();
  CHECK(rounds.last() == "follow in-sync +0 ~1 -1");
  CHECK(sites.replica.holds() == "a 900000, b 910000 gone");
  CHECK(sites.told.failed_rounds.empty());
}

TEST_CASE("after a start the smallest is compared first, for half of each interval") {
  Three sites;
  { Rounds(sites).next(); }
  CHECK(passes(sites) == "c load, three load, two load");
  sites.stop = Stop();
  sites.time.pass(Millis{100'000});
  sites.walks_take(Millis{2'600});  // more than half of the interval
  Rounds rounds(sites);
  rounds.next();
  CHECK(passes(sites) == "two audit");
  CHECK(is_proven(rounds.of(two).chain));
  CHECK_FALSE(is_proven(rounds.of(three).chain));
  // One in each round, and what changes meanwhile is followed, and not called in sync.
  sites.master.put("k", sites.time.ms(), R"("n":1)", the_collection);
  rounds.next();
  CHECK(sites.told.passes.back().report.state == State::not_compared);
  CHECK(passes(sites) == "three audit, c follow");
  rounds.next();
  CHECK(passes(sites) == "c audit");
  CHECK(is_proven(rounds.of(the_collection).chain));
}

TEST_CASE("after a start all are compared in one round where that is quick") {
  Three sites;
  { Rounds(sites).next(); }
  sites.stop = Stop();
  sites.time.pass(Millis{100'000});
  (void)passes(sites);
  Rounds rounds(sites);
  rounds.next();
  CHECK(passes(sites) == "two audit, three audit, c audit");
}

TEST_CASE("changes come first, then what is broken, then what is to be compared") {
  Three sites;
  { Rounds(sites).next(); }
  sites.stop = Stop();
  sites.time.pass(Millis{100'000});
  Rounds rounds(sites);
  sites.walks_take(Millis{2'600});
  rounds.next();
  rounds.next();
  (void)passes(sites);
  CHECK_FALSE(is_proven(rounds.of(the_collection).chain));
  sites.replica.erase("r105", 600'000, two);  // which breaks its chain
  sites.master.hold("r110 1100000", three);
  rounds.next();
  CHECK(passes(sites) == "three follow, two audit, c audit");
}

TEST_CASE("everything is compared once in each audit interval") {
  Passes sites;
  sites.options.audit_interval = Millis{60'000};
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next();
  sites.replica.put("a", 999'000, R"("by":"somebody")");  // whom no poll sees
  (void)passes(sites);
  rounds.within(Millis{59'999});
  CHECK(passes(sites).find("audit") == std::string::npos);
  rounds.next();
  CHECK(rounds.last() == "audit in-sync +0 ~1 -0");
  CHECK(sites.replica.bodies() == sites.master.bodies());
}

TEST_CASE("a wish to compare everything ends the wait, and is one audit of each") {
  Three sites;
  Rounds rounds(sites);
  rounds.next(20);
  (void)passes(sites);
  const std::int64_t before = sites.time.ms();
  rounds.loop.audit({"*/*"});
  rounds.go_on();
  CHECK(sites.time.ms() == before);
  CHECK(passes(sites) == "two audit, three audit, c audit");
  CHECK(rounds.wait() == sites.options.interval);
  rounds.next();
  CHECK(passes(sites).empty());
}

TEST_CASE("late commits are looked for through the overlap after a change, and no longer") {
  Passes sites(Profile::postgresql, Profile::postgresql);
  sites.master.hold("b 10");
  Rounds rounds(sites);
  rounds.next();
  rounds.within(Millis{70'000});
  const auto held = sites.master.kinto.hold(
      test::Site::request("PUT", test::records_of(the_collection) + "/a", R"({"data":{"n":1}})"));
  sites.time.pass(Millis{20});
  sites.master.put("b", sites.time.ms(), R"("n":2)");
  rounds.next();
  CHECK(rounds.last() == "follow in-sync +0 ~1 -0");
  rounds.within(Millis{40'000});
  CHECK(rounds.last().empty());  // a list for all collections together was enough
  CHECK(sites.master.kinto.commit(held).status == 201);
  rounds.next();
  CHECK(rounds.last() == "follow in-sync +1 ~0 -0");
  CHECK(sites.replica.bodies() == sites.master.bodies());
  // It moved no ETag, and so begins no overlap of its own.
  rounds.within(Millis{20'000});
  sites.master.seen.clear();
  rounds.next(3);
  CHECK(sites.master.asked("_since") == 0);
}

TEST_CASE("more changes than one short list shows are polled through the overlap, and no longer") {
  Passes sites;
  sites.master.hold("b 10");
  Rounds rounds(sites);
  rounds.next();
  rounds.within(Millis{70'000});
  sites.master.fill(120, sites.time.ms() - 120);
  rounds.next();
  CHECK(rounds.last() == "follow in-sync +120 ~0 -0");
  rounds.within(Millis{55'000});
  CHECK(rounds.last() == "follow in-sync +0 ~0 -0");
  rounds.within(Millis{15'000});
  (void)rounds.last();
  rounds.next(3);
  CHECK(rounds.last().empty());
  CHECK((rounds.of().overlap == Overlap::at_rest));
}

TEST_CASE("a server that fails is asked later each time, up to a minute, and told of once more") {
  for (const bool of_master : {true, false}) {
    CAPTURE(of_master);
    Passes sites;
    sites.from_master.set_patience(Millis{0});
    sites.to_replica.set_patience(Millis{0});
    sites.master.hold("a 500000");
    Rounds rounds(sites);
    rounds.next();
    test::Site& failing = of_master ? sites.master : sites.replica;
    failing.fail("", Errc::unreachable, 1, 1'000);
    const Millis lag_before = rounds.lag();
    rounds.next(6);
    CHECK(sites.told.waits ==
          std::vector<std::int64_t>{5'000, 10'000, 20'000, 40'000, 60'000, 60'000});
    CHECK(lag_before == Millis{0});
    CHECK(rounds.lag() > Millis{100'000});  // nobody knows what the master has meanwhile
    failing.recover();
    rounds.next();
    CHECK(sites.told.worked == std::vector<std::size_t>{1, 1});
    CHECK(rounds.wait() == sites.options.interval);
    CHECK(rounds.lag() == Millis{0});
  }
}

TEST_CASE("a collection that fails is tried later each time, and the others go on") {
  Passes sites;
  sites.provide(two);
  sites.master.hold("a 500000");
  sites.master.refuse(test::lists_of(the_collection), 400, 107, 1, 1'000);
  Rounds rounds(sites);
  std::vector<std::int64_t> tries;
  for (int i = 1; i <= 30; ++i) {
    sites.master.hold("k " + std::to_string(sites.time.ms()), two);
    rounds.next();
    for (const auto& pass : std::exchange(sites.told.passes, {})) {
      if (pass.report.id == the_collection) tries.push_back(pass.ms);
    }
    CHECK(sites.replica.holds(two) == sites.master.holds(two));
  }
  std::vector<std::int64_t> waits;
  for (std::size_t i = 1; i < tries.size(); ++i) waits.push_back(tries[i] - tries[i - 1]);
  CHECK(waits == std::vector<std::int64_t>{5'000, 10'000, 20'000, 40'000, 60'000});
  CHECK(sites.told.failed_rounds.empty());
}

TEST_CASE("where one bucket cannot be read the others are followed at the same interval") {
  Passes sites;
  const CollectionId other("k", "c");
  sites.provide(other);
  sites.master.hold("a 500000");
  sites.master.hold("z 500000", other);
  Rounds rounds(sites);
  rounds.next();
  // As a firewall does, without Kinto's errno, and where no batch comes through either.
  sites.master.block("GET /v1/buckets/k/collections?", 403, 1, test::always);
  sites.master.refuse("POST /v1/batch", 405, 115, 1, test::always);
  for (int i = 1; i <= 4; ++i) {
    sites.master.put("a", sites.time.ms(), R"("n":2)");
    rounds.next();
    CHECK(sites.replica.bodies() == sites.master.bodies());
  }
  CHECK(sites.told.waits == std::vector<std::int64_t>(4, 5'000));
  CHECK(sites.told.says("does not list it any more") == 0);
  CHECK(sites.told.rounds.back() == "replica failed");
  // That is said until the bucket can be read, and no longer.
  sites.master.recover();
  rounds.next();
  CHECK(sites.told.rounds.back() == "replica worked");
}

}  // namespace kinto_mirror::sync
